import { cellSide, type TissueGrid } from '../context/tissue-grid.js';
import { boxOf } from '../geometry/box.js';
import { fill } from '../geometry/fill.js';
import type { Polygon } from '../geometry/polygon.js';

/** Most rows of points that a polygon is measured by. */
const mostRows = 1_024;

/**
 * Measures a polygon on a slide, and the tissue in it, in mm2, by points on a grid: those of every level-0 pixel's centre
 * where the polygon is at most 1,024 px high, else fewer. It may cross itself: a point counts by the even-odd rule. What
 * lies beyond the slide does not count.
 */
export function polygonAreas(
  polygon: Polygon,
  { size, columns, rows, mm2 }: TissueGrid,
): { readonly mm2: number; readonly tissueMm2: number } {
  const box = boxOf(polygon);
  const height = Math.min(box.bottom, size.height) - Math.max(box.top, 0);
  const step = Math.max(1, Math.ceil(height / mostRows));
  const within = {
    left: 0,
    top: 0,
    right: Math.ceil(size.width / step),
    bottom: Math.ceil(size.height / step),
  };
  const across = pointsOf(within.right, step, columns, size.width, size.mpp);
  const down = pointsOf(within.bottom, step, rows, size.height, size.mpp);
  let [points, tissue] = [0, 0];
  fill(polygon, { centre: 0.5, scale: { x: step, y: step } }, within, (y, from, to) => {
    points += to - from;
    const row = down.cell[y]! * columns;
    let sum = 0;
    for (let x = from; x < to; x++) sum += mm2[row + across.cell[x]!]! / across.side[x]!;
    tissue += sum / down.side[y]!; // a point counts by the share of its cell that is tissue
  });
  const each = (step * size.mpp) ** 2 * 1e-6;
  return { mm2: points * each, tissueMm2: tissue * each };
}

/** Returns for each point along a side of the slide its cell, and how much of that cell's side in mm lies on the slide. */
function pointsOf(count: number, step: number, cells: number, length: number, mpp: number) {
  const cellPx = cellSide / mpp;
  const cell = Int32Array.from({ length: count }, (_, point) =>
    Math.min(cells - 1, Math.floor(((point + 0.5) * step) / cellPx)),
  );
  const side = Float64Array.from(
    cell,
    (at) => ((Math.min((at + 1) * cellPx, length) - at * cellPx) * mpp) / 1e3,
  );
  return { cell, side };
}
