import { fill, type PixelGrid } from '../geometry/fill.js';
import type { Polygon } from '../geometry/polygon.js';
import { blockSide } from '../context/columns.js';

/** Side in um of the cells in which a region's tissue is measured; 200 of them make a block. */
const cellSide = 5;
const cellsAcross = blockSide / cellSide;

/**
 * Measures the tissue of a region in mm2, in each block of 1 mm2: cells of 5 um whose centres lie in both.
 * @param region @param tissue polygons in level-0 px, those of each united
 * @param slide its size in level-0 px, and um per px
 * @returns by block_id
 */
export function regionArea(
  region: readonly Polygon[],
  tissue: readonly Polygon[],
  slide: { readonly width: number; readonly height: number; readonly mpp: number },
): Float64Array {
  const { mpp } = slide;
  const [columns, rows] = [slide.width, slide.height].map((side) => Math.ceil((side * mpp) / cellSide)) as [
    number,
    number,
  ];
  const [blocksAcross, blocksDown] = [columns, rows].map((side) => Math.ceil(side / cellsAcross)) as [number, number];
  const marked = [region, tissue].map((polygons) => {
    const cells = new Uint8Array(columns * rows);
    const grid: PixelGrid = { centre: 0.5, scale: { x: cellSide / mpp, y: cellSide / mpp } };
    for (const polygon of polygons) {
      fill(polygon, grid, { left: 0, top: 0, right: columns, bottom: rows }, (y, from, to) =>
        cells.fill(1, y * columns + from, y * columns + to),
      );
    }
    return cells;
  }) as [Uint8Array, Uint8Array];
  const cells = new Float64Array(blocksAcross * blocksDown);
  for (let k = 0; k < columns * rows; k++) {
    if (!marked[0][k] || !marked[1][k]) continue;
    const [column, row] = [k % columns, Math.floor(k / columns)];
    cells[Math.floor(row / cellsAcross) * blocksAcross + Math.floor(column / cellsAcross)]!++;
  }
  return cells.map((count) => (count * cellSide ** 2) / 1e6);
}
