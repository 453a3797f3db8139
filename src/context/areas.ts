import type { Polygon } from '../geometry/polygon.js';
import { addon } from '../native.js';
import { outlineOf } from '../tissue/mask-outline.js';
import type { PerBlock, TumourAround } from './around.js';
import { blockSide } from './columns.js';
import { cellSide, cellsOf, type TissueGrid } from './tissue-grid.js';

/** Cells along the side of a block. */
const cellsPerBlock = blockSide / cellSide;

/** Reach in um of the front on both sides of the tumour's edge, of the peritumoural zone, and of the associated stroma. */
export const frontReach = 100;
export const stromaReach = 500;

/** Number of 1 mm squares over a slide. */
export function blocksOf({ columns, rows }: TissueGrid): { columns: number; rows: number } {
  return { columns: Math.ceil(columns / cellsPerBlock), rows: Math.ceil(rows / cellsPerBlock) };
}

/** Adds up values of cells by square of `side` cells, row by row. */
export function perSquare(
  { columns, rows }: TissueGrid,
  side: number,
  value: (cell: number) => number,
): Float64Array {
  const across = Math.ceil(columns / side);
  const sums = new Float64Array(across * Math.ceil(rows / side));
  for (let y = 0, cell = 0; y < rows; y++) {
    const first = Math.floor(y / side) * across;
    for (let x = 0; x < columns; x++, cell++) sums[first + Math.floor(x / side)]! += value(cell);
  }
  return sums;
}

/** Adds up values of cells per block. */
export function perBlock(grid: TissueGrid, value: (cell: number) => number): PerBlock {
  return withTotal(perSquare(grid, cellsPerBlock, value));
}

function withTotal(values: Float64Array): PerBlock {
  return { total: values.reduce((sum, each) => sum + each, 0), perBlock: values };
}

/**
 * Measures the tissue of the user's region in mm2, per block: that of the cells whose centres lie in it.
 * @param region polygons in level-0 px, united
 */
export function regionArea(region: readonly Polygon[], grid: TissueGrid): PerBlock {
  const inside = cellsOf(region, grid);
  return perBlock(grid, (cell) => (inside[cell] ? grid.mm2[cell]! : 0));
}

/**
 * Measures a tumour region.
 * @param region 1 in cells of the tumour
 * @param distance of each cell's centre to the border with other tissue in um, negative inside
 */
export function tumourAreas(
  grid: TissueGrid,
  region: Uint8Array,
  distance: Float32Array,
  source: TumourAround['source'],
): TumourAround {
  const { mm2, mask, columns, rows, size } = grid;
  const cell = cellSide / size.mpp;
  const area = (holds: (cell: number) => boolean) => perBlock(grid, (cell) => (holds(cell) ? mm2[cell]! : 0));
  const parts = addon().componentSums(region, columns, mm2);
  return {
    source,
    outlines: outlineOf(size, { width: columns, height: rows, data: region, scale: { x: cell, y: cell } }),
    areaMm2: area((cell) => region[cell] === 1),
    components: parts.length,
    largestMm2: parts.reduce((most, each) => Math.max(most, each), 0),
    interfaceMm: withTotal(addon().interfaceLength(region, mask, columns, cellsPerBlock)),
    frontMm2: area((cell) => Math.abs(distance[cell]!) <= frontReach),
    peritumouralMm2: area((cell) => distance[cell]! > 0 && distance[cell]! <= frontReach),
    stromaMm2: area((cell) => distance[cell]! > 0 && distance[cell]! <= stromaReach),
  };
}
