import { boxOf, type Box } from './box.js';
import { crossing, eachEdge, type Polygon } from './polygon.js';

/**
 * How pixels lie in a polygon's plane: pixel (x, y) stands at the point ((x + centre) * scale.x, (y + centre) * scale.y)
 * and belongs to the polygon if that point does.
 */
export interface PixelGrid {
  readonly centre: 0 | 0.5;
  readonly scale: { readonly x: number; readonly y: number };
}

/** Pixel x covers [x, x + 1): the grid of slides, tables, QuPath. */
export const pixelSquares: PixelGrid = { centre: 0.5, scale: { x: 1, y: 1 } };

/** Pixel x is the point x: the grid of OpenCV's contours, which run through pixels instead of around them. */
export const pixelPoints: PixelGrid = { centre: 0, scale: { x: 1, y: 1 } };

/**
 * Visits the pixels of a polygon as runs, in rows from `from` up to, not including, `to`; top to bottom, each once.
 * A pixel belongs to it if `contains` says so of its point: by the even-odd rule, and a pixel on a border by its side.
 * @param within box of pixels; what lies outside it is cut off
 */
export function fill(
  polygon: Polygon,
  grid: PixelGrid,
  within: Box,
  visit: (y: number, from: number, to: number) => void,
): void {
  const { centre, scale } = grid;
  // One row more than needed on each side: `crossing` decides, and does not round as the division does.
  const firstRow = (y: number) => Math.max(within.top, Math.floor(y / scale.y - centre));
  const endRow = (y: number) => Math.min(within.bottom, Math.ceil(y / scale.y - centre) + 1);
  const box = boxOf(polygon);
  const top = firstRow(box.top);
  const rows = Array.from({ length: Math.max(0, endRow(box.bottom) - top) }, (): number[] => []);
  eachEdge(polygon, (x1, y1, x2, y2) => {
    if (y1 === y2) return; // half of the edges of an outline along pixels
    const end = endRow(Math.max(y1, y2));
    for (let y = firstRow(Math.min(y1, y2)); y < end; y++) {
      const at = crossing(x1, y1, x2, y2, (y + centre) * scale.y);
      if (at !== undefined) rows[y - top]!.push(at);
    }
  });
  rows.forEach((crossings, row) => {
    // Most rows of a nucleus are crossed twice; a sort would be most of the time.
    if (crossings.length === 2 && crossings[0]! > crossings[1]!) crossings.reverse();
    if (crossings.length > 2) crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const from = Math.max(within.left, firstPixel(crossings[k]!, scale.x, centre));
      const to = Math.min(within.right, firstPixel(crossings[k + 1]!, scale.x, centre));
      if (from < to) visit(top + row, from, to);
    }
  });
}

/** Gives the first pixel of a row whose point lies at x or right of it; the division may round to the next. */
function firstPixel(x: number, scale: number, centre: number): number {
  const pixel = Math.ceil(x / scale - centre);
  if ((pixel - 1 + centre) * scale >= x) return pixel - 1;
  return (pixel + centre) * scale < x ? pixel + 1 : pixel;
}
