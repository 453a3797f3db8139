import type { Stitcher } from '../addon.js';
import { addon } from '../native.js';
import type { Lattice } from '../tissue/lattice.js';

export type { Stitcher } from '../addon.js';

/**
 * Opens a stitcher, which joins blobs across patches. It takes patches in order and returns every blob whole, once,
 * with the patch that completes it.
 * @param patches patches (i, j) that the net sees, in order, [n, 2]
 * @param saved state of an earlier stitcher over the same lattice and patches, to continue from
 * @throws Error if `saved` does not fit
 */
export function openStitcher(lattice: Lattice, patches: Uint32Array, saved?: Uint8Array): Stitcher {
  const { Stitcher } = addon();
  return new Stitcher(lattice, patches, saved);
}
