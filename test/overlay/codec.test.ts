import { describe, expect, test } from 'vitest';
import { decodeDensity, encodeDensity } from '../../src/overlay/density.js';
import { densityTile } from '../../src/overlay/layout.js';
import { decodeOutlines, decodePoints, encodePoints, OutlineEncoder } from '../../src/overlay/leaf.js';

/** Whole numbers from 0 on and below a bound, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Vertices = readonly (readonly [x: number, y: number])[];

/** A closed way along both axes by turns, in whole steps: of a random length, wherever it leads. */
function staircase(random: (below: number) => number, far: number): [number, number][] {
  const length = () => (random(40) === 0 ? 200 : 1) * (1 + random(4)) * (random(2) ? 1 : -1);
  let [x, y] = [random(far), random(far)];
  const first = { x, y };
  const way: [number, number][] = [[x, y]];
  for (let k = random(30); k >= 0; k--) way.push([(x += length()), y], [x, (y += length())]);
  // Away from the first vertex on both axes, so that the last two edges are not empty.
  way.push([(x += x + 1 === first.x ? 2 : 1), y], [x, (y = y === first.y - 1 ? first.y + 7 : first.y - 1)]);
  if (x === first.x) way.splice(-2, 2, [x + 1, way.at(-2)![1]], [x + 1, y]);
  return [...way, [first.x, y]];
}

function encode(nuclei: readonly (readonly Vertices[])[], unit: number, corner: { x: number; y: number }) {
  const encoder = new OutlineEncoder(unit, corner);
  for (const rings of nuclei) {
    encoder.nucleus(rings.length);
    for (const ring of rings) encoder.ring(Float64Array.from(ring.flat()), ring.length);
  }
  return encoder.end();
}

/** What must come out: each coordinate from the corner, as float32. */
function decoded(nuclei: readonly (readonly Vertices[])[], corner: { x: number; y: number }) {
  const rings = nuclei.flat();
  const ends = (lengths: number[]) => {
    let end = 0;
    return Uint32Array.from([0, ...lengths.map((length) => (end += length))]);
  };
  return {
    vertices: Float32Array.from(rings.flat().flatMap(([x, y]) => [x - corner.x, y - corner.y])),
    rings: ends(rings.map((ring) => ring.length)),
    nuclei: ends(nuclei.map((each) => each.length)),
  };
}

describe('outlines of a leaf', () => {
  test('a square with a hole takes 6 + 2 * (1 + 2 + 2) bytes beside its head', () => {
    const square: Vertices = [
      [10, 20],
      [16, 20],
      [16, 26],
      [10, 26],
    ];
    const hole: Vertices = [
      [12, 24],
      [14, 24],
      [14, 22],
      [12, 22],
    ];
    const bytes = encode([[square, hole]], 1, { x: 8, y: 16 });
    // Rings; sizes; starts (10, 20) and from there (2, 4); edges 6, 6 and 2, -2.
    expect([...bytes.subarray(24)]).toEqual([1, 2, 8, 1, 2, 2, 8, 8, 4, 20, 40, 4, 8, 4, 12, 12, 4, 3]);
    expect(decodeOutlines(bytes)).toEqual({
      vertices: Float32Array.of(2, 4, 8, 4, 8, 10, 2, 10, 4, 8, 6, 8, 6, 6, 4, 6),
      rings: Uint32Array.of(0, 4, 8),
      nuclei: Uint32Array.of(0, 2),
    });
  });

  test.each([1, 0.5, 2, 1 / 3, 0.25 / 0.2277, 4.000123])(
    'multiples of %f px come back bit for bit, wherever the leaf lies',
    (unit) => {
      for (let seed = 1; seed <= 40; seed++) {
        const random = numbers(seed);
        const far = seed % 2 ? 2_000 : 200_000;
        const nuclei = Array.from({ length: random(20) }, () =>
          Array.from({ length: 1 + (random(5) === 0 ? 2 : 0) }, () =>
            staircase(random, far).map(([x, y]): [number, number] => [x * unit, y * unit]),
          ),
        );
        const corner = { x: 4_096 * random(48), y: 4_096 * random(48) };
        const bytes = encode(nuclei, unit, corner);
        expect(decodeOutlines(bytes)).toEqual(decoded(nuclei, corner));
        // Edges take a byte or two each, not the eight of a pair of float32.
        const vertices = nuclei.flat(2).length;
        expect(bytes.length).toBeLessThan(60 + nuclei.flat().length * 14 + 1.5 * vertices);
      }
    },
  );

  test('any other ring comes back as float32 from the corner', () => {
    const random = numbers(7);
    const triangle: Vertices = [
      [1000.1, 2000.2],
      [1010.7, 2003.3],
      [1003.9, 2011],
    ];
    const downFirst: Vertices = [
      [1000, 2000],
      [1000, 2010],
      [1010, 2010],
      [1010, 2000],
    ];
    const straight: Vertices = [
      [1000, 2000],
      [1005, 2000],
      [1010, 2000],
      [1010, 2010],
      [1000, 2010],
      [1000, 2005],
    ];
    const others: Vertices[] = [triangle, downFirst, straight, []];
    const corner = { x: 512, y: 1536 };
    const nuclei = Array.from({ length: 30 }, () =>
      Array.from({ length: 1 + random(3) }, () => others[random(5)] ?? staircase(random, 5_000)),
    );
    expect(decodeOutlines(encode(nuclei, 1, corner))).toEqual(decoded(nuclei, corner));
  });

  test('a block that was cut off is refused', () => {
    const bytes = encode([[staircase(numbers(3), 500)]], 1, { x: 0, y: 0 });
    for (let length = 30; length < bytes.length; length++) {
      expect(() => decodeOutlines(bytes.slice(0, length))).toThrow('damaged');
    }
  });
});

test('points of a leaf come back as they were', () => {
  for (const count of [0, 1, 2, 300, 5_000]) {
    const random = numbers(count);
    let row = random(10_000_000);
    const points = {
      count,
      x: Uint16Array.from({ length: count }, () => random(65_536)),
      y: Uint16Array.from({ length: count }, () => random(65_536)),
      classes: Uint8Array.from({ length: count }, () => random(6)),
      qualities: Uint8Array.from({ length: count }, () => random(3)),
      row: Uint32Array.from({ length: count }, () => (row += 1 + random(random(50) ? 3 : 9_000_000))),
    };
    const bytes = encodePoints(points);
    expect(decodePoints(bytes)).toEqual(points);
    expect(() => decodePoints(bytes.subarray(0, bytes.length - 1))).toThrow('damaged');
  }
});

test('counts of a density tile come back as they were', () => {
  const random = numbers(5);
  const counts = Uint32Array.from({ length: 3 * densityTile ** 2 }, () =>
    random(3) ? 0 : random(random(9) ? 100 : 4_000_000_000),
  );
  const bytes = encodeDensity({ counts });
  expect(decodeDensity(bytes)).toEqual({ counts });
  expect(() => decodeDensity(bytes.subarray(1))).toThrow();
});
