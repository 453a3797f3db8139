import { fill, pixelSquares } from '../geometry/fill.js';
import type { Polygon } from '../geometry/polygon.js';
import type { Slide } from '../slide/slide.js';
import type { TissueMask } from './mask.js';

/** Level-0 pixels by rows: ascending, disjoint runs [from, to, from, to, ...] of each row. */
type Rows = ReadonlyMap<number, readonly number[]>;

/**
 * Measures the area of tissue within regions in um2, exactly to level-0 pixels: a pixel counts if its centre lies in all of
 * them, and in tissue.
 * @param regions each a union of polygons in level-0 px
 * @param mask where tissue is; by default everywhere
 */
export function areaWithin(
  slide: Slide,
  regions: readonly (readonly Polygon[])[],
  mask?: TissueMask,
): number {
  const [first, ...others] = regions.map((polygons) => rowsOf(slide, polygons));
  let pixels = 0;
  for (const [y, runs] of first!) {
    let inside = others.reduce<readonly number[]>((rest, rows) => common(rest, rows.get(y) ?? []), runs);
    if (mask) inside = common(inside, tissueRuns(mask, y));
    for (let k = 0; k < inside.length; k += 2) pixels += inside[k + 1]! - inside[k]!;
  }
  return pixels * slide.pixelSize.mpp ** 2;
}

/** Lists the pixels of the slide whose centres lie in one of the polygons. */
function rowsOf({ width, height }: Slide, polygons: readonly Polygon[]): Rows {
  const rows = new Map<number, number[]>();
  for (const polygon of polygons) {
    fill(polygon, pixelSquares, { left: 0, top: 0, right: width, bottom: height }, (y, from, to) => {
      const row = rows.get(y);
      if (row) row.push(from, to);
      else rows.set(y, [from, to]);
    });
  }
  return new Map(Array.from(rows, ([y, runs]) => [y, joined(runs)]));
}

/** Joins runs that overlap or touch, in ascending order. */
function joined(runs: readonly number[]): number[] {
  const sorted = Array.from({ length: runs.length / 2 }, (_, k) => [runs[2 * k]!, runs[2 * k + 1]!] as const);
  sorted.sort(([a], [b]) => a - b);
  const result: number[] = [];
  for (const [from, to] of sorted) {
    const end = result.at(-1);
    if (end !== undefined && from <= end) result[result.length - 1] = Math.max(end, to);
    else result.push(from, to);
  }
  return result;
}

/** Finds what two lists of runs have in common. */
function common(a: readonly number[], b: readonly number[]): number[] {
  const result: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const from = Math.max(a[i]!, b[j]!);
    const to = Math.min(a[i + 1]!, b[j + 1]!);
    if (from < to) result.push(from, to);
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return result;
}

/** Lists the pixels of a row whose centres lie in tissue. */
function tissueRuns({ width, height, data, scale }: TissueMask, y: number): number[] {
  const row = Math.floor((y + 0.5) / scale.y);
  if (row >= height) return [];
  const firstPixel = (column: number) => Math.ceil(column * scale.x - 0.5);
  const runs: number[] = [];
  for (let x = 0; x < width; x++) {
    if (data[row * width + x]) runs.push(firstPixel(x), firstPixel(x + 1));
  }
  return joined(runs);
}
