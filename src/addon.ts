/**
 * All that the C++ addon exports (native/addon). Every function throws a TypeError for an argument of the wrong type and
 * a RangeError for one out of range, with the names of the function and of the argument; C++ errors become an Error, or
 * a RangeError where an argument does not make sense. Coordinates and sizes are whole pixels.
 */
export interface Addon {
  /** Detaches an array's buffer, so that its memory is free at once. */
  release(array: NodeJS.TypedArray): void;

  /** Loads libopenslide. @throws Error with the linker's text */
  openSlideLibrary(library: string): { version: string; file: string };
  /** Opens a slide; null if OpenSlide does not take the file for one. Rejects with OpenSlide's text. */
  openSlideOpen(library: string, path: string): Promise<OpenedSlide | null>;
  /**
   * Reads a rectangle of a level as RGB, [height, width, 3].
   * @param background 0xRRGGBB, seen where the slide has no pixels
   */
  openSlideReadRegion(
    handle: SlideHandle,
    level: number,
    x: number,
    y: number,
    width: number,
    height: number,
    background: number,
  ): Promise<Uint8Array>;
  openSlideReadAssociatedImage(handle: SlideHandle, name: string, background: number): Promise<RgbImage>;
  /** Closes a slide once the reads in progress have ended. */
  openSlideClose(handle: SlideHandle): void;

  /** Returns the source pixels that output pixels [begin, end) are made of, at `scale` source pixels per output pixel. */
  sourceRange(scale: number, begin: number, end: number): [begin: number, end: number];
  /** Resamples RGB pixels, [height, width, 3], from a source rectangle that holds sourceRange of both axes. */
  resample(
    scale: number,
    source: Uint8Array,
    sourceX: number,
    sourceY: number,
    sourceWidth: number,
    sourceHeight: number,
    x: number,
    y: number,
    width: number,
    height: number,
  ): Promise<Uint8Array>;

  /** Loads a library for the rest of the process. Returns the loader's reason why it cannot, else an empty text. */
  loadLibraryForGood(file: string): string;
  /** @throws Error with one line if there is no driver or it does not answer */
  queryCudaDriver(): { readonly version: number; readonly devices: readonly CudaDevice[] };
  /** Returns the names of Vulkan's devices. @throws Error with one line if there is no Vulkan or no device of it */
  queryVulkanDevices(): string[];

  Stitcher: new (lattice: LatticeShape, patches: Uint32Array, saved?: Uint8Array) => Stitcher;
  /** Segments the blobs in a buffer from the stitcher with the four constants of a model. Blocks its thread. */
  segmentBlobs(buffer: Uint8Array, hMin: number, hMax: number, vMin: number, vMax: number): NucleiBlock;
  /** Finds instances, int32 [height, width], as the reference code does. The maps must not change meanwhile. */
  referenceInstances(
    np: Float32Array,
    h: Float32Array,
    v: Float32Array,
    width: number,
    height: number,
  ): { promise: Promise<Int32Array>; cancel: () => void };
  /** Describes each positive label. */
  describeInstances(labels: Int32Array, types: Uint8Array, width: number, height: number): InstanceTable;

  OverlapCounter: new () => OverlapCounter;
  /**
   * Pairs points (x y interleaved) one to one so that the sum of distances is least; all of the smaller set get a
   * partner. Returns the index of the partner for each point of `first`, -1 for none.
   */
  pairPoints(first: Float32Array, second: Float32Array): Int32Array;
  /** Pairs one to one, among `pairs` [n, 2] only, so that the sum of weights (above 0) is greatest; -1 for none. */
  pairByWeight(
    pairs: Uint32Array,
    weights: Float64Array,
    firstCount: number,
    secondCount: number,
  ): Int32Array;
}

/** An open slide on the C++ side. */
export type SlideHandle = object;

export interface OpenedSlide {
  handle: SlideHandle;
  levels: Level[];
  properties: Record<string, string>;
  associatedImages: string[];
}

/** One resolution of a slide; `downsample` is level-0 pixels per pixel of this level. */
export interface Level {
  readonly width: number;
  readonly height: number;
  readonly downsample: number;
}

/** RGB pixels, [height, width, 3]. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A device as CUDA counts them: after CUDA_VISIBLE_DEVICES, a MIG slice being a device of its own. */
export interface CudaDevice {
  readonly name: string;
  readonly memoryBytes: number;
  readonly major: number;
  readonly minor: number;
}

/** How patches lie: each sees `patch` px and keeps the central `stride` px; the slide has `width` by `height` px. */
export interface LatticeShape {
  readonly patch: number;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

/** Puts blobs together across patches (native/stitch/stitcher.h says how). Busy while an `add` runs: it throws then. */
export interface Stitcher {
  /** Patches added so far. */
  readonly position: number;
  /** Blobs so far that were too large and were cut. */
  readonly cutBlobs: number;
  /**
   * Adds the next patches, in another thread; one call at a time.
   * @param patches uint8 [n, patch, patch, 3]
   * @param maps uint8 [n, stride, stride, 4]
   * @returns the blobs that are complete with them, for segmentBlobs
   */
  add(patches: Uint8Array, maps: Uint8Array): Promise<Uint8Array>;
  /** Returns all state but pixels. */
  save(): Uint8Array;
  /** Returns, after a restore, the places of the patches that must be refilled before the next `add`. */
  missing(): Uint32Array;
  /** @throws Error if the patch is not as it was before the save */
  refill(place: number, patch: Uint8Array, maps: Uint8Array): void;
}

/**
 * Measured nuclei, column by column, in model pixels; row k of every column is nucleus k.
 * What `segmentBlobs` returns, what the journal keeps, and what tables are written from.
 */
export interface NucleiBlock {
  readonly count: number;
  /** First pixel in raster order, [count, 2] x y: names the nucleus, since no two nuclei share a pixel. */
  readonly firstPixel: Int32Array;
  /** Bounding box, [count, 4] x y width height. */
  readonly box: Int32Array;
  /** Pixels of the nucleus (holes not counted). */
  readonly area: Int32Array;
  /** Mean of pixel centres (+0.5), [count, 2] x y. */
  readonly centroid: Float64Array;
  /** Crofton's formula over four directions, as scikit-image's perimeter_crofton. */
  readonly perimeter: Float64Array;
  /** Axes of the ellipse with the same second moments, as scikit-image's regionprops. */
  readonly majorAxis: Float64Array;
  readonly minorAxis: Float64Array;
  readonly eccentricity: Float64Array;
  /** Area over the area of the convex hull of the pixel squares. */
  readonly solidity: Float64Array;
  /** Angle of the major axis to the x axis in radians, -pi/2 < angle <= pi/2, y pointing down. */
  readonly orientation: Float64Array;
  /** Class id of the model's card; 0 where every vote was background. */
  readonly type: Uint8Array;
  /** Share of the pixels that voted for `type`. */
  readonly share: Float64Array;
  /** Mean nuclear probability, 0..1. */
  readonly probability: Float64Array;
  /** Optical density per stain, [count, 4]: haematoxylin mean and standard deviation, eosin mean and standard deviation. */
  readonly stain: Float64Array;
  /** Outline rings along pixel edges, shell first, closed (first vertex repeated), [vertices, 2] x y. */
  readonly vertices: Int32Array;
  /** Rings of nucleus k are ringStart[nucleusRing[k]] .. ringStart[nucleusRing[k + 1]]: vertex index, one more than rings. */
  readonly ringStart: Uint32Array;
  /** First ring of each nucleus, count + 1 entries. */
  readonly nucleusRing: Uint32Array;
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

export interface LabelStats {
  /** Ascending, background left out, [n]. */
  readonly labels: Int32Array;
  /** Pixels, sum of x and sum of y of each label, [n, 3], whole numbers. */
  readonly moments: Float64Array;
}

export interface OverlapTable {
  readonly first: LabelStats;
  readonly second: LabelStats;
  /** Indices into the labels of first and second that share pixels, ascending, [pairs, 2]. */
  readonly pairs: Uint32Array;
  /** Pixels shared, [pairs]. */
  readonly intersections: Float64Array;
}

/** Counts in one pass, strip by strip, how the labels of two maps overlap. */
export interface OverlapCounter {
  /** Adds rows `top` and following of both maps, row-major; 0 is background, negative labels are refused. */
  add(first: Int32Array, second: Int32Array, width: number, top: number): void;
  table(): OverlapTable;
}
