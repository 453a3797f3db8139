import { HoverslideError } from '../errors.js';

type Vector = readonly [number, number, number];

/** Optical densities of the two pure stains in red, green and blue, of length 1. */
export interface StainVectors {
  readonly haematoxylin: Vector;
  readonly eosin: Vector;
}

// As torchstain's defaults, natural logarithms.
const light = 240;
const leastDensity = 0.15;
const percentile = 0.01;

/** Fewest pixels with stain from which vectors are taken. */
const fewest = 1000;

/** Sine of the smallest angle between two stains that can be told apart; native/nuclei/stain.cc refuses less. */
const leastSine = 0.1;

/**
 * Finds the colours of haematoxylin and eosin in pixels of a slide (Macenko et al., ISBI 2009): of the pixels with stain
 * in every channel, the plane that their densities lie in, and in it the directions at the first and last percent.
 * Haematoxylin is the one that absorbs more red.
 * @param rgb uint8 [n, 3]
 * @param source names the slide in errors
 * @returns vectors to six decimals
 * @throws HoverslideError `input` if there is too little stain, or one stain alone
 */
export function macenko(rgb: Uint8Array, source: string): StainVectors {
  const densities = stainedDensities(rgb);
  const count = densities.length / 3;
  if (count < fewest) {
    throw refusal(source, `at least ${fewest} pixels with stain in the sample, found ${count}`);
  }
  const { mean, covariance } = moments(densities);
  const normal = leastAxis(covariance);
  // Angles count from where the plane is closest to the mean, so that none is near half a turn.
  const along = normal && unit(minus(mean, times(normal, dot(mean, normal))));
  if (!normal || !along) throw refusal(source, 'the colours of two stains, found one');
  const across = cross(normal, along);
  const angles = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const density = densities.subarray(3 * k, 3 * k + 3) as unknown as Vector;
    angles[k] = Math.atan2(dot(density, across), dot(density, along));
  }
  angles.sort();
  const directions = [percentile, 1 - percentile].map((share) => {
    const angle = quantile(angles, share);
    return rounded(plus(times(along, Math.cos(angle)), times(across, Math.sin(angle))));
  });
  const [eosin, haematoxylin] = directions.sort((a, b) => a[0] - b[0]) as [Vector, Vector];
  if (!(length(cross(haematoxylin, eosin)) > 1.01 * leastSine)) {
    throw refusal(source, 'the colours of two stains, found two that are nearly the same');
  }
  return { haematoxylin, eosin };
}

function refusal(source: string, message: string): HoverslideError {
  return new HoverslideError('input', `${source}: option stain: expected ${message}; use fixed vectors`, {
    option: 'stain',
  });
}

/** Returns the densities, [n, 3], of the pixels that are stained in every channel. */
function stainedDensities(rgb: Uint8Array): Float64Array {
  const table = Float64Array.from({ length: 256 }, (_, value) => -Math.log((value + 1) / light));
  const result = new Float64Array(rgb.length);
  let size = 0;
  for (let i = 0; i < rgb.length; i += 3) {
    const [r, g, b] = [table[rgb[i]!]!, table[rgb[i + 1]!]!, table[rgb[i + 2]!]!];
    if (Math.min(r, g, b) < leastDensity) continue;
    result[size++] = r;
    result[size++] = g;
    result[size++] = b;
  }
  return result.subarray(0, size);
}

type Matrix = readonly [Vector, Vector, Vector];

function moments(densities: Float64Array): { mean: Vector; covariance: Matrix } {
  const count = densities.length / 3;
  const sum = [0, 0, 0];
  for (let i = 0; i < densities.length; i++) sum[i % 3]! += densities[i]!;
  const mean = sum.map((value) => value / count) as unknown as Vector;
  const matrix = [0, 1, 2].map(() => [0, 0, 0]);
  for (let i = 0; i < densities.length; i += 3) {
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++)
        matrix[a]![b]! += (densities[i + a]! - mean[a]!) * (densities[i + b]! - mean[b]!);
    }
  }
  return { mean, covariance: matrix as unknown as Matrix };
}

/**
 * Finds the direction in which a symmetric matrix stretches least; undefined if it stretches in one direction alone. The
 * adjugate has the inverse's eigenvectors and exists where the inverse does not; ten squarings leave the largest.
 */
function leastAxis([a, b, c]: Matrix): Vector | undefined {
  let power: Matrix = [cross(b, c), cross(c, a), cross(a, b)];
  const scale = (matrix: Matrix) => Math.max(...matrix.flat().map(Math.abs));
  if (!(scale(power) > 1e-12 * scale([a, b, c]) ** 2)) return undefined;
  for (let k = 0; k < 10; k++) {
    const size = scale(power);
    const rows = power.map((row) => times(row, 1 / size)) as unknown as Matrix;
    // It is symmetric, so its rows are its columns.
    power = rows.map(
      (row) => rows.map((column) => dot(row, column)) as unknown as Vector,
    ) as unknown as Matrix;
  }
  const [first, ...others] = power;
  return unit(others.reduce((best, row) => (length(row) > length(best) ? row : best), first));
}

/** Interpolates linearly between the sorted values around a share of them. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const length = (a: Vector) => Math.sqrt(dot(a, a));
const times = (a: Vector, by: number): Vector => [a[0] * by, a[1] * by, a[2] * by];
const plus = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const minus = (a: Vector, b: Vector): Vector => plus(a, times(b, -1));
const cross = (b: Vector, c: Vector): Vector => [
  b[1] * c[2] - b[2] * c[1],
  b[2] * c[0] - b[0] * c[2],
  b[0] * c[1] - b[1] * c[0],
];
const unit = (a: Vector): Vector | undefined => (length(a) > 0 ? times(a, 1 / length(a)) : undefined);
const rounded = (a: Vector): Vector => a.map((value) => Number(value.toFixed(6))) as unknown as Vector;
