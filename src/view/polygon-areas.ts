import { cellSide, type TissueGrid } from '../context/tissue-grid.js';
import { boxOf } from '../geometry/box.js';
import { fill } from '../geometry/fill.js';
import type { Polygon } from '../geometry/polygon.js';

/** Most rows of points that a polygon is measured by. */
const mostRows = 2_048;

/**
 * Measures a polygon on a slide, and the tissue in it, in mm2, by points on a grid: those of every level-0 pixel's centre
 * where the polygon is at most 2,048 px high, else fewer. It may cross itself: a point counts by the even-odd rule. What
 * lies beyond the slide does not count.
 */
export function polygonAreas(
  polygon: Polygon,
  { size, columns, rows, mm2 }: TissueGrid,
): { readonly mm2: number; readonly tissueMm2: number } {
  const box = boxOf(polygon);
  const height = Math.min(box.bottom, size.height) - Math.max(box.top, 0);
  const step = Math.max(1, Math.ceil(height / mostRows));
  const cellPx = cellSide / size.mpp;
  // Share of tissue in each cell, of what of it lies on the slide.
  const side = (cell: number, length: number) => Math.min((cell + 1) * cellPx, length) - cell * cellPx;
  const share = (column: number, row: number) =>
    mm2[row * columns + column]! / (side(column, size.width) * side(row, size.height) * size.mpp ** 2 * 1e-6);
  let [points, tissue] = [0, 0];
  const within = {
    left: 0,
    top: 0,
    right: Math.ceil(size.width / step),
    bottom: Math.ceil(size.height / step),
  };
  fill(polygon, { centre: 0.5, scale: { x: step, y: step } }, within, (y, from, to) => {
    const cell = (point: number, count: number) =>
      Math.min(count - 1, Math.floor(((point + 0.5) * step) / cellPx));
    const row = cell(y, rows);
    points += to - from;
    for (let x = from; x < to;) {
      const column = cell(x, columns);
      // All points of the row that lie in the same cell.
      let end = x + 1;
      while (end < to && cell(end, columns) === column) end++;
      tissue += (end - x) * share(column, row);
      x = end;
    }
  });
  const each = (step * size.mpp) ** 2 * 1e-6;
  return { mm2: points * each, tissueMm2: tissue * each };
}
