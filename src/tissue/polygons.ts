import type { TissueMask } from './mask.js';

/** A ring of [x, y] vertices, closed or not. */
export type Ring = readonly (readonly [x: number, y: number])[];

/**
 * Marks the pixels of a grid whose centres lie inside a polygon's rings by the even-odd rule, so that inner rings are
 * holes.
 * @param rings in level-0 pixels
 * @param mask changed in place: pixels inside become 1
 */
export function fillPolygon(rings: readonly Ring[], mask: TissueMask): void {
  const { width, height, data, scale } = mask;
  const ys = rings.flatMap((ring) => ring.map(([, y]) => y));
  const bottom = Math.min(height, Math.ceil(ys.reduce((a, b) => Math.max(a, b), 0) / scale.y));
  const top = Math.max(0, Math.floor(ys.reduce((a, b) => Math.min(a, b), Infinity) / scale.y));
  for (let row = top; row < bottom; row++) {
    const y = (row + 0.5) * scale.y;
    const crossings: number[] = [];
    for (const ring of rings) {
      for (const [index, [x1, y1]] of ring.entries()) {
        const [x2, y2] = ring[(index + 1) % ring.length]!;
        // half-open in y: a vertex on the line counts for one of its two edges
        if (y1 <= y !== y2 <= y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
      }
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const first = Math.max(0, Math.ceil(crossings[i]! / scale.x - 0.5));
      const last = Math.min(width, Math.ceil(crossings[i + 1]! / scale.x - 0.5));
      if (first < last) data.fill(1, row * width + first, row * width + last);
    }
  }
}
