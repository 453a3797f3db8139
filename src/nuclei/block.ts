export type { NucleiBlock } from '../addon.js';

/**
 * Columns with a fixed number of values per nucleus, without the class: name, type, values per nucleus. The widest type
 * comes first, so that each column is aligned when they are stored one after the other.
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
