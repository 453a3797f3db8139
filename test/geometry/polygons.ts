import { type PixelGrid, fill } from '../../src/geometry/fill.js';
import type { Polygon, Ring } from '../../src/geometry/polygon.js';
import { seeded } from '../../testkit/maps.js';

/** A ring from pairs, to be read in a test. */
export const ring = (...vertices: [x: number, y: number][]): Ring => Float64Array.from(vertices.flat());

export const rectangle = (left: number, top: number, right: number, bottom: number): Ring =>
  ring([left, top], [right, top], [right, bottom], [left, bottom]);

/**
 * Polygons that cross themselves, hold each other and lie anywhere in and around [0, size): most vertices on multiples of
 * a half, where conventions show; every second ring closed by its first vertex.
 */
export function* randomPolygons(count: number, size: number, seed: number): Generator<Polygon> {
  const random = seeded(seed);
  const coordinate = (step: number) => {
    const value = random() * (size + 8) - 4;
    return step === 0 ? value : Math.round(value / step) * step;
  };
  for (let k = 0; k < count; k++) {
    const step = [0.5, 1, 0, 0.25][k % 4]!;
    yield Array.from({ length: 1 + (k % 3) }, (_, r) => {
      const open = Array.from({ length: 2 * (1 + Math.floor(random() * 8)) }, () => coordinate(step));
      return Float64Array.from(r % 2 ? [...open, open[0]!, open[1]!] : open);
    });
  }
}

/** The filled pixels of [0, width) by [0, height) as lines of text: '#' for each, '.' for the others. */
export function picture(polygon: Polygon, grid: PixelGrid, width: number, height: number): string[] {
  const rows = Array.from({ length: height }, () => Array.from({ length: width }, () => '.'));
  fill(polygon, grid, { left: 0, top: 0, right: width, bottom: height }, (y, from, to) => {
    rows[y]!.fill('#', from, to);
  });
  return rows.map((row) => row.join(''));
}
