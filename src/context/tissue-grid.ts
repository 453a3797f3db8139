import { fill, type PixelGrid } from '../geometry/fill.js';
import type { Polygon } from '../geometry/polygon.js';
import { isTissue, type TissueMask } from '../tissue/mask.js';

/** Side of a cell in um. */
export const cellSide = 25;

/** The size of a slide in level-0 px, and um per px. */
export interface SlideSize {
  readonly width: number;
  readonly height: number;
  readonly mpp: number;
}

/** The tissue of a slide on cells of 25 um, row by row from the slide's corner. */
export interface TissueGrid {
  readonly size: SlideSize;
  readonly columns: number;
  readonly rows: number;
  /** Tissue in each cell, in mm2. */
  readonly mm2: Float64Array;
  /** 1 where tissue is at least half of a cell. */
  readonly mask: Uint8Array;
}

/**
 * Lays the tissue of a slide over the grid.
 * @param roi region of interest in level-0 px, outside of which nothing counts
 */
export function tissueGrid(given: TissueMask, size: SlideSize, roi?: readonly Polygon[]): TissueGrid {
  const tissue = roi ? within(given, roi) : given;
  const cellPx = cellSide / size.mpp;
  const columns = Math.max(1, Math.ceil(size.width / cellPx));
  const rows = Math.max(1, Math.ceil(size.height / cellPx));
  const mm2 = new Float64Array(columns * rows);
  const across = shares(tissue.width, tissue.scale.x, size.width, cellPx);
  for (let y = 0; y < tissue.height; y++) {
    for (const [row, height] of sharesOf(y, tissue.scale.y, size.height, cellPx)) {
      for (let x = 0; x < tissue.width; x++) {
        if (!tissue.data[y * tissue.width + x]) continue;
        for (const [column, width] of across[x]!) {
          mm2[row * columns + column]! += width * height * size.mpp ** 2 * 1e-6;
        }
      }
    }
  }
  // A little less than half, since the parts of a cell add up with rounding.
  const half = ((cellSide ** 2 * 1e-6) / 2) * (1 - 1e-6);
  const mask = new Uint8Array(columns * rows);
  for (let cell = 0; cell < mask.length; cell++) mask[cell] = Number(mm2[cell]! >= half);
  return { size, columns, rows, mm2, mask };
}

/** Marks the cells whose centres lie in one of the polygons (level-0 px). */
export function cellsOf(polygons: readonly Polygon[], { columns, rows, size }: TissueGrid): Uint8Array {
  const scale = cellSide / size.mpp;
  const grid: PixelGrid = { centre: 0.5, scale: { x: scale, y: scale } };
  const cells = new Uint8Array(columns * rows);
  for (const polygon of polygons) {
    fill(polygon, grid, { left: 0, top: 0, right: columns, bottom: rows }, (y, from, to) =>
      cells.fill(1, y * columns + from, y * columns + to),
    );
  }
  return cells;
}

/** Keeps of a mask the pixels whose centres lie in polygons (level-0 px). */
function within(mask: TissueMask, polygons: readonly Polygon[]): TissueMask {
  const { width, height, scale } = mask;
  const data = new Uint8Array(width * height);
  const grid: PixelGrid = { centre: 0.5, scale };
  for (const polygon of polygons) {
    fill(polygon, grid, { left: 0, top: 0, right: width, bottom: height }, (y, from, to) => {
      for (let x = from; x < to; x++) {
        data[y * width + x] = Number(isTissue(mask, (x + 0.5) * scale.x, (y + 0.5) * scale.y));
      }
    });
  }
  return { width, height, data, scale };
}

/** Lists for each pixel of a side of the mask the cells that it covers, and the length in level-0 px that it covers of each. */
function shares(pixels: number, scale: number, size: number, cellPx: number): [number, number][][] {
  return Array.from({ length: pixels }, (_, pixel) => sharesOf(pixel, scale, size, cellPx));
}

function sharesOf(pixel: number, scale: number, size: number, cellPx: number): [number, number][] {
  const [from, to] = [Math.min(pixel * scale, size), Math.min((pixel + 1) * scale, size)];
  const list: [number, number][] = [];
  for (let cell = Math.floor(from / cellPx); cell * cellPx < to; cell++) {
    const length = Math.min(to, (cell + 1) * cellPx) - Math.max(from, cell * cellPx);
    if (length > 0) list.push([cell, length]);
  }
  return list;
}
