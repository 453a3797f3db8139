import { blockSide } from '../context/columns.js';
import { cellSide, cellsOf, type TissueGrid } from '../context/tissue-grid.js';
import type { Polygon } from '../geometry/polygon.js';

const cellsAcross = blockSide / cellSide;

/**
 * Measures the tissue of a region in mm2, in each block of 1 mm2: that of the cells of 25 um whose centres lie in the region.
 * @param region polygons in level-0 px, united
 * @returns by block_id
 */
export function regionArea(region: readonly Polygon[], grid: TissueGrid): Float64Array {
  const inside = cellsOf(region, grid);
  const { columns, rows, mm2 } = grid;
  const blocks = Math.ceil(columns / cellsAcross);
  const area = new Float64Array(blocks * Math.ceil(rows / cellsAcross));
  inside.forEach((is, k) => {
    const [column, row] = [k % columns, Math.floor(k / columns)];
    if (is) area[Math.floor(row / cellsAcross) * blocks + Math.floor(column / cellsAcross)]! += mm2[k]!;
  });
  return area;
}
