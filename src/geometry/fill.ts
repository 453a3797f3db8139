import { boxOf, type Box } from './box.js';
import { crossing, eachEdge, type Polygon } from './polygon.js';

/**
 * How pixels lie in a polygon's plane. Pixel (x, y) has its point at ((x + centre) * scale.x, (y + centre) * scale.y).
 * It belongs to the polygon if that point does.
 */
export interface PixelGrid {
  readonly centre: 0 | 0.5;
  readonly scale: { readonly x: number; readonly y: number };
}

/** Grid in which pixel x covers [x, x + 1), as in slides, tables and QuPath. */
export const pixelSquares: PixelGrid = { centre: 0.5, scale: { x: 1, y: 1 } };

/** Grid in which pixel x is the point x, as in OpenCV's contours, which run through pixels and not around them. */
export const pixelPoints: PixelGrid = { centre: 0, scale: { x: 1, y: 1 } };

/**
 * Visits the pixels of a polygon as runs, each pixel once, from top to bottom. A run covers the pixels of a row from
 * `from` up to, not including, `to`. A pixel belongs to the polygon if `contains` says so of its point: by the even-odd
 * rule, and on a border by the side of the polygon.
 * @param within box of pixels; parts outside it are cut off
 */
export function fill(
  polygon: Polygon,
  grid: PixelGrid,
  within: Box,
  visit: (y: number, from: number, to: number) => void,
): void {
  const { centre, scale } = grid;
  // One row more than needed on each side: `crossing` decides exactly, while this division rounds.
  const firstRow = (y: number) => Math.max(within.top, Math.floor(y / scale.y - centre));
  const endRow = (y: number) => Math.min(within.bottom, Math.ceil(y / scale.y - centre) + 1);
  const box = boxOf(polygon);
  const top = firstRow(box.top);
  const rows = Array.from({ length: Math.max(0, endRow(box.bottom) - top) }, (): number[] => []);
  eachEdge(polygon, (x1, y1, x2, y2) => {
    if (y1 === y2) return; // true of half of the edges of an outline along pixels
    const end = endRow(Math.max(y1, y2));
    for (let y = firstRow(Math.min(y1, y2)); y < end; y++) {
      const at = crossing(x1, y1, x2, y2, (y + centre) * scale.y);
      if (at !== undefined) rows[y - top]!.push(at);
    }
  });
  rows.forEach((crossings, row) => {
    // Most rows of a nucleus are crossed twice. Sorting them would take most of the time.
    if (crossings.length === 2 && crossings[0]! > crossings[1]!) crossings.reverse();
    if (crossings.length > 2) crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const from = Math.max(within.left, firstPixel(crossings[k]!, scale.x, centre));
      const to = Math.min(within.right, firstPixel(crossings[k + 1]!, scale.x, centre));
      if (from < to) visit(top + row, from, to);
    }
  });
}

/**
 * Gives the first pixel of a row whose point lies at or to the right of x. Corrects the division, which may round up or
 * down.
 */
function firstPixel(x: number, scale: number, centre: number): number {
  const pixel = Math.ceil(x / scale - centre);
  if ((pixel - 1 + centre) * scale >= x) return pixel - 1;
  return (pixel + centre) * scale < x ? pixel + 1 : pixel;
}
