import type { InstanceTable, NucleiBlock } from '../addon.js';
import { addon } from '../native.js';
import type { StainVectors } from './macenko.js';
import type { FloatMaps } from './maps.js';

export type { InstanceTable } from '../addon.js';

/** What `seamless` post-processing depends on. It is part of a model's card. */
export interface SeamlessConstants {
  /** Raw Sobel gradients that become 0 and 1: d/dx of h and d/dy of v, in units of h and v themselves. */
  readonly h: readonly [min: number, max: number];
  readonly v: readonly [min: number, max: number];
  /** Taps of the Sobel each way, odd, 3 to 21. */
  readonly sobel: number;
  /** Normalised ridge from which on a pixel is no marker, between 0 and 1. */
  readonly marker: number;
}

/**
 * Segments the blobs in a buffer from the stitcher, in the buffer's order. The nuclei of a blob come in raster order of
 * their first pixels. Blocks the calling thread, so call it in workers.
 * @param buffer blobs as native/nuclei/blob.h describes them
 * @param stain the slide's own vectors, by which stain is measured; by default Ruifrok and Johnston's
 * @throws RangeError if the buffer is malformed or a constant makes no sense
 */
export function segmentBlobs(
  buffer: Uint8Array,
  { h, v, sobel, marker }: SeamlessConstants,
  stain?: StainVectors,
): NucleiBlock {
  const vectors = stain && Float64Array.of(...stain.haematoxylin, ...stain.eosin);
  return addon().segmentBlobs(buffer, ...h, ...v, sobel, marker, vectors);
}

/** Smallest and largest raw gradient: d/dx of h and d/dy of v, in units of h and v themselves. */
export interface GradientRange {
  readonly h: [min: number, max: number];
  readonly v: [min: number, max: number];
}

/**
 * Finds the range of gradients of packed maps, over the pixels 10 px and more from their edge.
 * @param maps uint8 [height, width, 4]
 * @param sobel taps of the Sobel each way, odd, 3 to 21
 * @throws RangeError if sizes do not fit
 */
export function gradientRange(
  maps: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  sobel: number,
): GradientRange {
  const [hMin, hMax, vMin, vMax] = addon().gradientRange(maps, width, height, sobel);
  return { h: [hMin, hMax], v: [vMin, vMax] };
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
