import { release } from '../memory.js';
import { readRegion } from './region.js';
import type { Slide } from './slide.js';

/**
 * Reads square patches that may overlap, with one read of the region that holds them all.
 * @param scale level-0 pixels per model pixel
 * @param side of a patch in model px
 * @param origins top left pixels in model space, [n, 2] x y
 * @param pieces numbers of patches that go into each array, n in total; by default all go into one
 * @returns per piece uint8 [patches, side, side, 3] RGB
 * @throws HoverslideError `input` as readRegion
 */
export async function readPatches(
  slide: Slide,
  scale: number,
  side: number,
  origins: Int32Array,
  pieces: readonly number[] = [origins.length / 2],
): Promise<Uint8Array[]> {
  const xs = origins.filter((_, index) => index % 2 === 0);
  const ys = origins.filter((_, index) => index % 2 === 1);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  const width = Math.max(...xs) + side - x;
  const height = Math.max(...ys) + side - y;
  const region = await readRegion(slide, { scale }, { x, y, width, height });
  const rowBytes = side * 3;
  let next = 0;
  const filled = pieces.map((count) => {
    const patches = new Uint8Array(count * side * rowBytes);
    for (let k = 0; k < count; k++, next++) {
      for (let row = 0; row < side; row++) {
        const from = ((ys[next]! - y + row) * width + (xs[next]! - x)) * 3;
        patches.set(region.subarray(from, from + rowBytes), (k * side + row) * rowBytes);
      }
    }
    return patches;
  });
  release(region);
  return filled;
}
