import { addon } from '../native.js';
import type { Lattice } from '../tissue/lattice.js';

/**
 * Puts blobs together across patches: takes patches in the order of the run and gives out every blob whole, once, with
 * the patch that completes it (native/stitch/stitcher.h says how and why).
 */
export interface Stitcher {
  /** Patches added so far. */
  readonly position: number;
  /** Tiles held for blobs that are not complete. */
  readonly held: number;
  /** Blobs so far that were too large and were cut. */
  readonly cutBlobs: number;
  /**
   * Adds the next patches, off the JS thread; one call at a time.
   * @param patches uint8 [n, patch, patch, 3]
   * @param maps uint8 [n, stride, stride, 4]
   * @returns the blobs that are complete with them, for segmentBlobs
   */
  add(patches: Uint8Array, maps: Uint8Array): Promise<Uint8Array>;
  /** All state but pixels. */
  save(): Uint8Array;
  /** After a restore: places in the run of the patches that must be refilled before the next `add`. */
  missing(): Uint32Array;
  /** @throws Error if the patch does not give what it gave before the save */
  refill(place: number, patch: Uint8Array, maps: Uint8Array): void;
}

interface Binding {
  Stitcher: new (lattice: Lattice, run: Uint32Array, saved?: Uint8Array) => Stitcher;
}

/**
 * @param run patches (i, j) that the net sees, in order, [n, 2]
 * @param saved state of an earlier stitcher over the same lattice and run, to go on from
 * @throws Error if `saved` does not fit
 */
export function openStitcher(lattice: Lattice, run: Uint32Array, saved?: Uint8Array): Stitcher {
  const { Stitcher } = addon<Binding>();
  return saved ? new Stitcher(lattice, run, saved) : new Stitcher(lattice, run);
}
