import type { InstanceTable, NucleiBlock } from '../addon.js';
import { addon } from '../native.js';
import type { FloatMaps } from './maps.js';

export type { InstanceTable } from '../addon.js';

/**
 * Minimum and maximum of the raw 21x21 Sobel gradients: d/dx of h and d/dy of v, in units of h and v themselves.
 * `seamless` post-processing normalises with them. They are part of a model's card.
 */
export interface SeamlessConstants {
  readonly h: readonly [min: number, max: number];
  readonly v: readonly [min: number, max: number];
}

/**
 * Segments the blobs in a buffer from the stitcher, in the buffer's order. The nuclei of a blob come in raster order of
 * their first pixels. Blocks the calling thread, so call it in workers.
 * @param buffer blobs as native/nuclei/blob.h describes them
 * @throws RangeError if the buffer is malformed or a minimum is not below its maximum
 */
export function segmentBlobs(buffer: Uint8Array, constants: SeamlessConstants): NucleiBlock {
  return addon().segmentBlobs(buffer, ...constants.h, ...constants.v);
}

/**
 * Post-processes whole maps exactly as the reference code of HoVer-Net does (Graham et al. 2019), pixel for pixel. Runs
 * in another thread; the maps must not change during the call.
 * @param signal stops the work; the promise is then rejected with the signal's reason
 * @returns instances int32 [height, width], 0 for background
 * @throws RangeError if sizes do not fit or a value is not finite
 */
export async function referenceInstances(
  { np, h, v, width, height }: Omit<FloatMaps, 'type'>,
  signal?: AbortSignal,
): Promise<Int32Array> {
  signal?.throwIfAborted();
  const { promise, cancel } = addon().referenceInstances(np, h, v, width, height);
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
 * Describes each positive label: box, centroid, class and contour.
 * @param labels [height, width]
 * @param types class of each pixel, [height, width]
 * @throws RangeError if sizes do not fit
 */
export function describeInstances(
  labels: Int32Array,
  types: Uint8Array,
  width: number,
  height: number,
): InstanceTable {
  return addon().describeInstances(labels, types, width, height);
}
