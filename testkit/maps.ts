/** Returns a generator of numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Packed maps [height, width, 4], with the colours [height, width, 3] that go with them. */
export interface TestMaps {
  readonly width: number;
  readonly height: number;
  readonly packed: Uint8Array;
  readonly rgb: Uint8Array;
}

export function emptyMaps(width: number, height: number): TestMaps {
  const packed = new Uint8Array(4 * width * height);
  for (let i = 0; i < packed.length; i += 4) packed.set([0, 128, 128, 0], i);
  return { width, height, packed, rgb: new Uint8Array(3 * width * height).fill(235) };
}

/**
 * Returns maps of tissue as a good net would give them: elliptic nuclei with the distances to their centres, a
 * probability that falls off at the rim, and some noise. Nuclei keep some distance, so that about as many touch as in
 * tissue.
 * @param density nuclei per mm2 at 0.25 um/px; they are smaller where they would not fit otherwise
 */
export function tissueMaps(width: number, height: number, density: number, seed: number): TestMaps {
  const maps = emptyMaps(width, height);
  const random = seeded(seed);
  const count = Math.round((width * height * density) / 16e6);
  if (count === 0) return maps;
  // The median area is 300 px, as in CoNSeP, or smaller where there is less room for each nucleus.
  const spacing = Math.sqrt((width * height) / count);
  const radius = Math.min(9.8, 0.5 * spacing);
  const cell = 1.5 * radius;
  const columns = Math.ceil(width / cell);
  const taken = new Map<number, [number, number][]>();
  const free = (x: number, y: number) => {
    const [cx, cy] = [Math.floor(x / cell), Math.floor(y / cell)];
    for (let j = cy - 1; j <= cy + 1; ++j) {
      for (let i = cx - 1; i <= cx + 1; ++i) {
        for (const [ox, oy] of taken.get(j * columns + i) ?? []) {
          if (Math.hypot(x - ox, y - oy) < cell) return false;
        }
      }
    }
    return true;
  };
  for (let k = 0; k < count; ++k) {
    let [x, y] = [random() * width, random() * height];
    for (let attempt = 0; attempt < 30 && !free(x, y); ++attempt)
      [x, y] = [random() * width, random() * height];
    const key = Math.floor(y / cell) * columns + Math.floor(x / cell);
    taken.set(key, [...(taken.get(key) ?? []), [x, y]]);
    const size = radius * (0.75 + 0.5 * random());
    const stretch = 1 + 0.5 * random();
    drawNucleus(
      maps,
      x,
      y,
      size * stretch,
      size / stretch,
      Math.PI * random(),
      1 + Math.floor(5 * random()),
      random,
    );
  }
  return maps;
}

/** Draws one ellipse with half axes a and b, turned by `angle`. The later of two lies on top. */
function drawNucleus(
  { width, height, packed, rgb }: TestMaps,
  cx: number,
  cy: number,
  a: number,
  b: number,
  angle: number,
  type: number,
  random: () => number,
): void {
  const extent = Math.ceil(Math.max(a, b)) + 2;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const extentX = Math.hypot(a * cos, b * sin);
  const extentY = Math.hypot(a * sin, b * cos);
  for (
    let y = Math.max(0, Math.floor(cy) - extent);
    y <= Math.min(height - 1, Math.floor(cy) + extent);
    ++y
  ) {
    for (
      let x = Math.max(0, Math.floor(cx) - extent);
      x <= Math.min(width - 1, Math.floor(cx) + extent);
      ++x
    ) {
      const [dx, dy] = [x + 0.5 - cx, y + 0.5 - cy];
      const r = Math.hypot((dx * cos + dy * sin) / a, (dy * cos - dx * sin) / b);
      if (r > 1.15) continue;
      const i = y * width + x;
      const np = Math.floor(256 / (1 + Math.exp((r - 1) * 12 + 0.3 * (random() - 0.5))));
      if (np <= packed[4 * i]! && r > 1) continue;
      const noise = () => Math.round(4 * (random() - 0.5));
      packed[4 * i] = np;
      packed[4 * i + 1] = 128 + Math.round(100 * Math.max(-1, Math.min(1, dx / extentX))) + noise();
      packed[4 * i + 2] = 128 + Math.round(100 * Math.max(-1, Math.min(1, dy / extentY))) + noise();
      packed[4 * i + 3] = random() < 0.9 ? type : 0;
      rgb.set([110 + 40 * random(), 70 + 40 * random(), 150 + 40 * random()], 3 * i);
    }
  }
}

/** Returns maps with blobs of every shape and gradients of every kind: smoothed noise in all four maps. */
export function noiseMaps(width: number, height: number, seed: number): TestMaps {
  const random = seeded(seed);
  const maps = emptyMaps(width, height);
  const radius = 1 + Math.floor(4 * random());
  const threshold = 0.3 * (random() - 0.5);
  const [np, h, v] = [0, 1, 2].map(() => smoothNoise(width, height, radius, random));
  for (let i = 0; i < width * height; ++i) {
    maps.packed[4 * i] = Math.max(0, Math.min(255, Math.floor(128 + 100 * (np![i]! + threshold))));
    maps.packed[4 * i + 1] = Math.max(0, Math.min(255, Math.round(128 + 70 * h![i]!)));
    maps.packed[4 * i + 2] = Math.max(0, Math.min(255, Math.round(128 + 70 * v![i]!)));
    maps.packed[4 * i + 3] = Math.floor(6 * random());
    maps.rgb.set([256 * random(), 256 * random(), 256 * random()], 3 * i);
  }
  return maps;
}

/** Returns noise of mean 0 and deviation 1, smoothed three times by a box. */
function smoothNoise(width: number, height: number, radius: number, random: () => number): Float64Array {
  let noise = Float64Array.from({ length: width * height }, () => random() - 0.5);
  for (let pass = 0; pass < 3; ++pass) {
    for (const [length, lines, step, across] of [
      [width, height, 1, width],
      [height, width, width, 1],
    ] as const) {
      const smoothed = new Float64Array(noise.length);
      for (let line = 0; line < lines; ++line) {
        for (let k = 0; k < length; ++k) {
          let sum = 0;
          for (let d = -radius; d <= radius; ++d) {
            const at = Math.min(length - 1, Math.max(0, k + d));
            sum += noise[line * across + at * step]!;
          }
          smoothed[line * across + k * step] = sum;
        }
      }
      noise = smoothed;
    }
  }
  const deviation = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / noise.length);
  return noise.map((value) => value / deviation);
}
