import { readRegion } from './region.js';
import type { Slide } from './slide.js';

/**
 * Reads square patches that may overlap, in one read of the region that holds them all.
 * @param scale level-0 pixels per model pixel
 * @param side of a patch in model px
 * @param origins top left pixels in model space, [n, 2] x y
 * @returns uint8 [n, side, side, 3] RGB
 * @throws HoverslideError `input` as readRegion
 */
export async function readPatches(
  slide: Slide,
  scale: number,
  side: number,
  origins: Int32Array,
): Promise<Uint8Array> {
  const count = origins.length / 2;
  const xs = origins.filter((_, index) => index % 2 === 0);
  const ys = origins.filter((_, index) => index % 2 === 1);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  const width = Math.max(...xs) + side - x;
  const height = Math.max(...ys) + side - y;
  const region = await readRegion(slide, { scale }, { x, y, width, height });
  const patches = new Uint8Array(count * side * side * 3);
  const rowBytes = side * 3;
  for (let k = 0; k < count; k++) {
    for (let row = 0; row < side; row++) {
      const from = ((ys[k]! - y + row) * width + (xs[k]! - x)) * 3;
      patches.set(region.subarray(from, from + rowBytes), (k * side + row) * rowBytes);
    }
  }
  return patches;
}
