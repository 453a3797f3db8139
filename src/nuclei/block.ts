/**
 * Measured nuclei, column by column, in model pixels; row k of every column is nucleus k.
 * What the addon gives back, what the journal keeps, and what tables are written from.
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

/**
 * Columns with a fixed number of values per nucleus, beside the class: name, type, values per nucleus. Widest type first,
 * so that each starts aligned when they are stored one behind the other.
 */
export const blockColumns = [
  ['centroid', Float64Array, 2],
  ['perimeter', Float64Array, 1],
  ['majorAxis', Float64Array, 1],
  ['minorAxis', Float64Array, 1],
  ['eccentricity', Float64Array, 1],
  ['solidity', Float64Array, 1],
  ['orientation', Float64Array, 1],
  ['share', Float64Array, 1],
  ['probability', Float64Array, 1],
  ['stain', Float64Array, 4],
  ['firstPixel', Int32Array, 2],
  ['box', Int32Array, 4],
  ['area', Int32Array, 1],
] as const;
