import { decodeDensity } from '../overlay/density.js';
import { densityTile } from '../overlay/layout.js';
import type { Overlay } from '../overlay/read.js';

/** Longest side of a picture, in px. */
export const longestSide = 2048;

/** A picture with transparency. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  /** [height, width, 4]. */
  readonly data: Uint8Array;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Returns the number of the finest density grid whose picture is small enough. */
export function levelToShow({ directory }: Overlay, slide: Size): number {
  const fits = directory.densities.findIndex(
    ({ cell }) => Math.max(slide.width, slide.height) <= cell * longestSide,
  );
  return fits === -1 ? directory.densities.length - 1 : fits;
}

/**
 * Draws the density of nuclei over a whole slide: a pixel for each cell of a grid, in the mean colour of the nuclei in it,
 * the less transparent the more they are. Those that are set aside do not count.
 * @param level number of the grid
 * @param colors by id of the class; classes without one are left out
 */
export async function densityPicture(
  overlay: Overlay,
  slide: Size,
  level: number,
  colors: ReadonlyMap<number, readonly number[]>,
): Promise<RgbaImage> {
  const { cell, i, j, block } = overlay.directory.densities[level]!;
  const [width, height] = [Math.ceil(slide.width / cell), Math.ceil(slide.height / cell)];
  const sums = new Float32Array(width * height * 4); // red, green, blue, nuclei
  const shown = overlay.directory.classes.map((id) => colors.get(id));
  for (const [k, number] of block.entries()) {
    const { counts } = decodeDensity(await overlay.decompressed(number));
    const [left, top] = [i[k]! * densityTile, j[k]! * densityTile];
    for (const [channel, color] of shown.entries()) {
      if (!color) continue;
      const first = channel * densityTile ** 2;
      for (let at = 0; at < densityTile ** 2; at++) {
        const count = counts[first + at]!;
        const [x, y] = [left + (at % densityTile), top + Math.floor(at / densityTile)];
        if (count === 0 || x >= width || y >= height) continue;
        const to = 4 * (y * width + x);
        for (let c = 0; c < 3; c++) sums[to + c]! += count * color[c]!;
        sums[to + 3]! += count;
      }
    }
  }
  return { width, height, data: colored(sums) };
}

function colored(sums: Float32Array): Uint8Array {
  const totals = sums.filter((sum, at) => at % 4 === 3 && sum > 0).sort();
  const dense = totals[Math.floor(0.98 * (totals.length - 1))] ?? 1;
  const data = new Uint8Array(sums.length);
  for (let at = 0; at < sums.length; at += 4) {
    const total = sums[at + 3]!;
    if (total === 0) continue;
    for (let c = 0; c < 3; c++) data[at + c] = Math.round(sums[at + c]! / total);
    data[at + 3] = Math.round(255 * (0.2 + 0.7 * Math.min(1, total / dense)));
  }
  return data;
}
