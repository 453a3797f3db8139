/**
 * Everything that the C++ addon exports (native/addon). Every function throws a TypeError for an argument of the wrong
 * type and a RangeError for one out of range; the message names the function and the argument. An error in C++ becomes
 * an Error, or a RangeError where an argument does not make sense. Coordinates and sizes are whole pixels.
 */
export interface Addon {
  /** Detaches an array's buffer, so that its memory is free at once. */
  release(array: NodeJS.TypedArray): void;

  /** Loads libopenslide. @throws Error with the linker's text */
  openSlideLibrary(library: string): { version: string; file: string };
  /** Opens a slide. Returns null if OpenSlide does not recognise the file as a slide. Rejects with OpenSlide's text. */
  openSlideOpen(library: string, path: string): Promise<OpenedSlide | null>;
  /**
   * Reads a rectangle of a level as RGB, [height, width, 3].
   * @param background 0xRRGGBB, the colour where the slide has no pixels
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
  /** Closes a slide after the reads in progress have ended. */
  openSlideClose(handle: SlideHandle): void;

  /**
   * Returns the range of source pixels needed for output pixels [begin, end), at `scale` source pixels per output
   * pixel.
   */
  sourceRange(scale: number, begin: number, end: number): [begin: number, end: number];
  /** Resamples RGB pixels, [height, width, 3]. The source rectangle must hold the sourceRange of both axes. */
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

  /**
   * Loads a library and keeps it loaded for the rest of the process. Returns '' or the loader's reason for the failure.
   */
  loadLibraryForGood(file: string): string;
  /**
   * Returns the driver's version and devices.
   * @throws Error with one line if there is no driver or it does not answer
   */
  queryCudaDriver(): { readonly version: number; readonly devices: readonly CudaDevice[] };
  /** Returns the names of the Vulkan devices. @throws Error with one line if there is no Vulkan or no Vulkan device */
  queryVulkanDevices(): string[];

  Stitcher: new (lattice: LatticeShape, patches: Uint32Array, saved?: Uint8Array) => Stitcher;
  /**
   * Segments the blobs in a buffer from the stitcher, with the constants of a model. Blocks the calling thread.
   * @param sobel taps of the kernel each way, odd, 3 to 21
   * @param marker ridge, 0 to 1, from which on a pixel is no marker
   * @param stain the slide's own vectors of haematoxylin and eosin, r g b r g b, in place of the fixed ones
   */
  segmentBlobs(
    buffer: Uint8Array,
    hMin: number,
    hMax: number,
    vMin: number,
    vMax: number,
    sobel: number,
    marker: number,
    stain?: Float64Array,
  ): NucleiBlock;
  /**
   * Returns the smallest and largest raw gradient of packed maps, uint8 [height, width, 4]: d/dx of h, d/dy of v.
   * @throws RangeError if the maps are smaller than 21 px each way
   */
  gradientRange(
    maps: Uint8Array,
    width: number,
    height: number,
    sobel: number,
  ): [hMin: number, hMax: number, vMin: number, vMax: number];
  /** Finds instances, int32 [height, width], as the reference code does. The maps must not change during the call. */
  referenceInstances(
    np: Float32Array,
    h: Float32Array,
    v: Float32Array,
    width: number,
    height: number,
  ): { promise: Promise<Int32Array>; cancel: () => void };
  /** Describes each positive label. */
  describeInstances(labels: Int32Array, types: Uint8Array, width: number, height: number): InstanceTable;

  /**
   * Traces the nonzero pixels of a mask [height, width]: a polygon for each 4-connected component, shell first, along
   * pixel edges.
   */
  outlineMask(mask: Uint8Array, width: number, height: number): MaskOutline;

  SlideNuclei: new (
    widthUm: number,
    heightUm: number,
    capacity: number,
    tissue: Uint8Array,
    columns: number,
  ) => SlideNuclei;
  TileSums: new (widthUm: number, heightUm: number, sideUm: number) => TileSums;
  /** Adds up the weights of the cells of each 4-connected component of a mask, in raster order of first cells. */
  componentSums(mask: Uint8Array, columns: number, weights: Float64Array): Float64Array;
  /**
   * Measures the border between a region and other tissue, on cells of 25 um, in mm per square block of `side` cells, row by
   * row.
   */
  interfaceLength(region: Uint8Array, tissue: Uint8Array, columns: number, side: number): Float64Array;

  OverlapCounter: new () => OverlapCounter;
  /**
   * Pairs points (x y interleaved) one to one so that the sum of distances is smallest. Every point of the smaller set
   * gets a partner. Returns the index of the partner for each point of `first`, -1 for none.
   */
  pairPoints(first: Float32Array, second: Float32Array): Int32Array;
  /** Pairs one to one, choosing among `pairs` [n, 2], so that the sum of weights (above 0) is greatest; -1 for none. */
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

/** A device in CUDA's numbering, which respects CUDA_VISIBLE_DEVICES. A MIG slice is a device of its own. */
export interface CudaDevice {
  readonly name: string;
  readonly memoryBytes: number;
  readonly major: number;
  readonly minor: number;
}

/** How patches lie: each covers `patch` px and keeps the central `stride` px; the slide has `width` by `height` px. */
export interface LatticeShape {
  readonly patch: number;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

/** Joins blobs across patches (see native/stitch/stitcher.h). Throws if it is called while an `add` runs. */
export interface Stitcher {
  /** Number of patches added so far. */
  readonly position: number;
  /** Number of blobs so far that were too large and were cut. */
  readonly cutBlobs: number;
  /**
   * Adds the next patches in another thread. Only one call may run at a time.
   * @param patches uint8 [n, patch, patch, 3]
   * @param maps uint8 [n, stride, stride, 4]
   * @returns the blobs that these patches complete, for segmentBlobs
   */
  add(patches: Uint8Array, maps: Uint8Array): Promise<Uint8Array>;
  /** Returns the whole state except pixels. */
  save(): Uint8Array;
  /** Returns, after a restore, the places of the patches that must be refilled before the next `add`. */
  missing(): Uint32Array;
  /**
   * Gives back the pixels and maps of one patch after a restore.
   * @throws Error if the patch differs from the saved one
   */
  refill(place: number, patch: Uint8Array, maps: Uint8Array): void;
}

/** Polygons of a mask. Polygon k has rings polygonRing[k] to polygonRing[k + 1] - 1; rings start in `vertices` likewise. */
export interface MaskOutline {
  /** x y interleaved, in pixel edges; the first vertex of a ring is repeated at its end. */
  readonly vertices: Int32Array;
  readonly ringStart: Uint32Array;
  readonly polygonRing: Uint32Array;
}

/**
 * Measured nuclei, column by column, in model pixels. Row k of every column is nucleus k. `segmentBlobs` returns this,
 * the journal keeps it, and tables are written from it.
 */
export interface NucleiBlock {
  readonly count: number;
  /** First pixel in raster order, [count, 2] x y. It identifies the nucleus, since no two nuclei share a pixel. */
  readonly firstPixel: Int32Array;
  /** Bounding box, [count, 4] x y width height. */
  readonly box: Int32Array;
  /** Number of pixels of the nucleus, without holes. */
  readonly area: Int32Array;
  /** Mean of pixel centres (+0.5), [count, 2] x y. */
  readonly centroid: Float64Array;
  /** Perimeter by Crofton's formula over four directions, as scikit-image's perimeter_crofton. */
  readonly perimeter: Float64Array;
  /** Axes of the ellipse with the same second moments, as in scikit-image's regionprops. */
  readonly majorAxis: Float64Array;
  readonly minorAxis: Float64Array;
  readonly eccentricity: Float64Array;
  /** Area over the area of the convex hull of the pixel squares. */
  readonly solidity: Float64Array;
  /** Angle of the major axis to the x axis in radians, -pi/2 < angle <= pi/2; y points down. */
  readonly orientation: Float64Array;
  /** Class id of the model's card; 0 if every vote was background. */
  readonly type: Uint8Array;
  /** Share of the pixels that voted for `type`. */
  readonly share: Float64Array;
  /** Mean nuclear probability, 0..1. */
  readonly probability: Float64Array;
  /** Optical density per stain, [count, 4]: mean and standard deviation of haematoxylin, then of eosin. */
  readonly stain: Float64Array;
  /** Outline rings along pixel edges, shell first, closed (first vertex repeated), [vertices, 2] x y. */
  readonly vertices: Int32Array;
  /**
   * Vertex index at which each ring starts, number of rings + 1 entries. Nucleus k has the rings
   * ringStart[nucleusRing[k]] .. ringStart[nucleusRing[k + 1]].
   */
  readonly ringStart: Uint32Array;
  /** First ring of each nucleus, count + 1 entries. */
  readonly nucleusRing: Uint32Array;
}

/** Columns of the nuclei of a row group: centroids in um, roles by number (255: none), 1 where a nucleus counts. */
type NucleiColumns = [
  x: Float64Array,
  y: Float64Array,
  orientation: Float32Array,
  role: Uint8Array,
  type: Uint8Array,
  used: Uint8Array,
];

/**
 * All nuclei of a slide (native/context/slide_nuclei.h). First `add`, then `prepare`, then the rest. Nothing else may be called
 * before a promise of `prepare` or `setTumour` settles; calls of `around` may overlap.
 */
export interface SlideNuclei {
  readonly count: number;
  readonly aggregates: readonly { nuclei: number; cells: number; x: number; y: number }[];
  /**
   * Groups of 1 to 4 tumour nuclei: how many each has, the place of its first one, [n, 2] x y in um, and that one's distance to
   * the tumour's border (NaN before `setTumour`).
   */
  readonly buds: {
    readonly nuclei: Uint32Array;
    readonly place: Float64Array;
    readonly tumourEdge: Float64Array;
  };
  /** @throws RangeError for a nucleus outside the slide */
  add(...columns: NucleiColumns): void;
  prepare(): Promise<void>;
  /** Returns the tumour region that the nuclei suggest, a byte per cell of the tissue. */
  derivedTumour(): Promise<Uint8Array>;
  /** Says where the tumour is. Returns the signed distance in um of each cell's centre to its border. */
  setTumour(region: Uint8Array): Promise<Float32Array>;
  /** Finds what is around nuclei that were added. The arrays must not change during the call. */
  around(...columns: NucleiColumns): Promise<Surroundings>;
  /** Gives the memory back. No other call may follow. */
  release(): void;
}

/** What is around the nuclei of a row group (native/context/surroundings.h). NaN and -1 stand for no value. */
export interface Surroundings {
  /** By role. */
  readonly nearest: readonly Float32Array[];
  /** By radius (20, 50, 100 um) and role. */
  readonly within: readonly (readonly Int32Array[])[];
  readonly degree: Int32Array;
  readonly meanEdge: Float32Array;
  readonly sameType: Float32Array;
  readonly alignment: Float32Array;
  /** Of tumour nuclei to immune ones within 50 um, in units of 2^-30: whole numbers. */
  readonly crossWeight: Float64Array;
  readonly aggregate: Int32Array;
  readonly tissueEdge: Float32Array;
  readonly tumourEdge: Float32Array;
}

/** Numbers of nuclei and sums by square tile and role (native/context/tile_sums.h). */
export interface TileSums {
  add(...columns: [...NucleiColumns, area: Float32Array, density: Float32Array]): void;
  /** Arrays are [tiles, 7]: the six roles, and nuclei without one. */
  sums(): {
    readonly columns: number;
    readonly rows: number;
    readonly n: Float64Array;
    readonly areaSum: Float64Array;
    readonly areaSquares: Float64Array;
    readonly odSum: Float64Array;
    readonly odSquares: Float64Array;
  };
}

/** The instances as the reference code lists them. Row k of every column is one instance, in ascending order of ids. */
export interface InstanceTable {
  readonly count: number;
  readonly id: Int32Array;
  /** Bounding box, [count, 4] row0 column0 row1 column1; row1 and column1 are exclusive. */
  readonly box: Int32Array;
  /** Mean of integer pixel coordinates, [count, 2] x y. */
  readonly centroid: Float64Array;
  /** The most frequent class; 0 if every vote was background. */
  readonly type: Uint8Array;
  /** Share of the pixels that have this class. As in the reference code, 1e-6 is added to the number of pixels. */
  readonly share: Float64Array;
  /** Outer borders through pixel centres, as OpenCV's CHAIN_APPROX_SIMPLE gives them; not closed, [vertices, 2] x y. */
  readonly contour: Int32Array;
  /** First vertex of each contour, followed by the number of vertices. */
  readonly contourStart: Uint32Array;
}

export interface LabelStats {
  /** The labels in ascending order, without background, [n]. */
  readonly labels: Int32Array;
  /** Number of pixels, sum of x and sum of y of each label, [n, 3], whole numbers. */
  readonly moments: Float64Array;
}

export interface OverlapTable {
  readonly first: LabelStats;
  readonly second: LabelStats;
  /** Indices of labels of `first` and `second` that share pixels, ascending, [pairs, 2]. */
  readonly pairs: Uint32Array;
  /** Number of shared pixels, [pairs]. */
  readonly intersections: Float64Array;
}

/** Counts how the labels of two maps overlap, strip by strip, in one pass. */
export interface OverlapCounter {
  /** Adds rows of both maps, starting at row `top`, row-major. 0 is background; negative labels are refused. */
  add(first: Int32Array, second: Int32Array, width: number, top: number): void;
  table(): OverlapTable;
}
