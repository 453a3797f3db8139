import { Canvas, type Paint } from './paint.js';
import { stubColor } from './stub.js';

const patch = 192;

/**
 * A weave: h falls every 41 px and v every 43 px, which cuts whatever is painted with it into many nuclei. Their
 * classes lie in stripes.
 */
const woven: Paint = (x, y) =>
  stubColor(
    1 + (Math.floor(x / 97) % 5),
    28 + Math.round((200 * (x % 41)) / 40),
    28 + Math.round((200 * (y % 43)) / 42),
  );

/** Yields the colours of nuclei of all classes, one after the other. */
function* colors(): Generator<Paint> {
  for (let n = 0; ; n++) yield stubColor(1 + (n % 5), 120 + (n % 17), 120 + (n % 13));
}

/**
 * Paints large shapes: a net of bars just under the stated size, over nine read blocks of 4 patches; rings with rings
 * and nuclei within; a frame around all of it whose blob is cut.
 */
export function largeShapes(): Canvas {
  const canvas = new Canvas(2210, 2190);
  canvas.fill(100, 90, 2100, 2090, woven, (x, y) => (x - 100) % 395 < 25 || (y - 90) % 395 < 25);
  for (let b = 0; b < 5; b++) {
    for (let a = 0; a < 5; a++) {
      const [x, y] = [310 + 395 * a, 300 + 395 * b];
      canvas.ring(x, y, 150, 130, woven);
      canvas.ring(x, y, 90, 60, woven);
      canvas.disc(x, y, 9 + a + b, woven);
    }
  }
  canvas.ring(1050, 1000, 660, 659, woven); // a very thin ring, across the net
  canvas.fill(20, 20, 2190, 2170, woven, (x, y) => x < 40 || y < 40 || x >= 2170 || y >= 2150);
  return canvas;
}

export interface PaintedDisc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/**
 * Paints nuclei on every border and corner of the lattice of patches, and so of read blocks of any size. Some are
 * centred on the line, others touch it from either side. Further nuclei are cut by each edge of the slide.
 */
export function borderNuclei(): { canvas: Canvas; discs: PaintedDisc[] } {
  const canvas = new Canvas(16 * patch + 75, 8 * patch + 50);
  const color = colors();
  const discs: PaintedDisc[] = [];
  const disc = (x: number, y: number, radius: number) => {
    if (x < 0 || y < 0 || x > canvas.width || y > canvas.height) return; // all but a sliver would be cut off
    if (discs.some((other) => Math.hypot(x - other.x, y - other.y) < radius + other.radius + 2)) return;
    canvas.disc(x, y, radius, color.next().value as Paint);
    discs.push({ x, y, radius });
  };
  for (let y = 0; y <= canvas.height; y += patch) {
    for (let x = 0; x <= canvas.width; x += patch) {
      const radius = 6 + (((x + y) / patch) % 7);
      disc(x, y, radius);
      for (const [dx, dy] of [
        [0, 1],
        [1, 0],
      ] as const) {
        disc(x + dx * 48, y + dy * 48, radius);
        disc(x + dx * 96 + dy * radius, y + dy * 96 + dx * radius, radius); // touches the line from behind
        disc(x + dx * 144 - dy * radius, y + dy * 144 - dx * radius, radius); // and from before
      }
    }
  }
  for (let y = 30; y < canvas.height; y += 60) disc(canvas.width, y, 8.5);
  for (let x = 30; x < canvas.width; x += 60) disc(x, canvas.height, 8.5);
  return { canvas, discs };
}

/**
 * Paints a comb of 30,700 px, across ten read blocks of 16 patches. It is far beyond the stated size of a blob, so it
 * is cut.
 */
export function longComb(): Canvas {
  const canvas = new Canvas(31000, 250);
  canvas.fill(150, 60, 30850, 90, woven);
  canvas.fill(150, 90, 30850, 230, woven, (x) => x % 173 < 30);
  for (let x = 160; x < 30850; x += 173) canvas.disc(x + 77, 170, 20, woven); // between the teeth
  return canvas;
}
