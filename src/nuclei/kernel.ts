import { addon } from '../native.js';
import type { NucleiBlock } from './block.js';
import type { FloatMaps } from './maps.js';

interface Binding {
  segmentBlobs(buffer: Uint8Array, hMin: number, hMax: number, vMin: number, vMax: number): NucleiBlock;
  referenceInstances(
    np: Float32Array,
    h: Float32Array,
    v: Float32Array,
    width: number,
    height: number,
  ): { promise: Promise<Int32Array>; cancel: () => void };
  describeInstances(labels: Int32Array, types: Uint8Array, width: number, height: number): InstanceTable;
}

/**
 * Minimum and maximum of the raw 21x21 Sobel gradients, d/dx of h and d/dy of v in units of h and v themselves, that
 * `seamless` post-processing normalises with. Part of a model's card.
 */
export interface SeamlessConstants {
  readonly h: readonly [min: number, max: number];
  readonly v: readonly [min: number, max: number];
}

/** What the reference code lists of each instance; row k of every column is one instance, in ascending order of ids. */
export interface InstanceTable {
  readonly count: number;
  readonly id: Int32Array;
  /** [count, 4] row0 column0 row1 column1, the second pair exclusive. */
  readonly box: Int32Array;
  /** Mean of integer pixel coordinates, [count, 2] x y. */
  readonly centroid: Float64Array;
  /** The most frequent class; 0 where every vote was background. */
  readonly type: Uint8Array;
  /** Its share of the pixels, with the 1e-6 that the reference adds to their number. */
  readonly share: Float64Array;
  /** Outer borders through pixel centres as OpenCV's CHAIN_APPROX_SIMPLE, open, [vertices, 2] x y. */
  readonly contour: Int32Array;
  /** First vertex of each contour, then the number of vertices. */
  readonly contourStart: Uint32Array;
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

/**
 * Post-processing of whole maps as in the reference code of HoVer-Net (Graham et al. 2019), pixel for pixel: instances
 * int32 [height, width], 0 for background. Runs off the calling thread; the maps must not be changed meanwhile.
 * @param signal stops it: the promise is then rejected with the signal's reason
 * @throws Error if sizes do not fit or a value is not finite
 */
export async function referenceInstances(
  { np, h, v, width, height }: Omit<FloatMaps, 'type'>,
  signal?: AbortSignal,
): Promise<Int32Array> {
  signal?.throwIfAborted();
  const { promise, cancel } = addon<Binding>().referenceInstances(np, h, v, width, height);
  signal?.addEventListener('abort', cancel);
  try {
    return await promise;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/**
 * Box, centroid, class and contour of each positive label.
 * @param labels [height, width]
 * @param types class of each pixel, [height, width]
 * @throws Error if sizes do not fit
 */
export function describeInstances(
  labels: Int32Array,
  types: Uint8Array,
  width: number,
  height: number,
): InstanceTable {
  return addon<Binding>().describeInstances(labels, types, width, height);
}
