import { addon } from '../native.js';
import type { NucleiBlock } from './block.js';

interface Binding {
  segmentBlobs(buffer: Uint8Array, hMin: number, hMax: number, vMin: number, vMax: number): NucleiBlock;
}

/**
 * Minimum and maximum of the raw 21x21 Sobel gradients, d/dx of h and d/dy of v in units of h and v themselves, that
 * `seamless` post-processing normalises with. Part of a model's card.
 */
export interface SeamlessConstants {
  readonly h: readonly [min: number, max: number];
  readonly v: readonly [min: number, max: number];
}

/**
 * Nuclei of the blobs in a buffer from the stitcher, in its order; the nuclei of a blob in raster order of their first
 * pixels. Blocks its thread: for workers.
 * @param buffer per blob two boxes of four int32 (window and owner) and the window's pixels of 8 bytes
 * @throws Error if the buffer is malformed or a minimum is not below its maximum
 */
export function segmentBlobs(buffer: Uint8Array, constants: SeamlessConstants): NucleiBlock {
  return addon<Binding>().segmentBlobs(buffer, ...constants.h, ...constants.v);
}
