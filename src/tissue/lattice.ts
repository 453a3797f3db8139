import type { ModelSpace } from '../slide/model-space.js';
import type { TissueMask } from './mask.js';

/** Patches within this many model pixels of tissue run, so that nuclei at its edge are seen whole. */
const tissueMargin = 64;

/**
 * How patches lie over a slide. Patch (i, j) keeps [stride i, stride (i + 1)) by [stride j, stride (j + 1)) of model
 * space, and sees a square of `patch` pixels around it. Every pixel is kept by exactly one patch.
 */
export class Lattice {
  readonly patch: number;
  readonly stride: number;
  /** Size of the slide in model pixels. */
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;

  constructor(
    readonly space: ModelSpace,
    { patch, stride }: { readonly patch: number; readonly stride: number },
  ) {
    this.patch = patch;
    this.stride = stride;
    this.width = space.width;
    this.height = space.height;
    this.columns = Math.ceil(space.width / stride);
    this.rows = Math.ceil(space.height / stride);
  }
}

/**
 * Lists the patches (i, j) that run, [n, 2]: those whose kept square, grown by 64 model pixels on each side, touches
 * tissue. They are in Z-order: sorted by the number whose bits, from the lowest, alternate between those of i and j.
 */
export function tissuePatches(lattice: Lattice, mask: TissueMask): Uint32Array {
  const { stride, columns, rows, space } = lattice;
  const count = tissueCounter(mask);
  const codes: number[] = [];
  for (let j = 0; j < rows; j++) {
    const top = maskIndex(j * stride - tissueMargin, space.scale, mask.scale.y, Math.floor, mask.height);
    const bottom = maskIndex(
      (j + 1) * stride + tissueMargin,
      space.scale,
      mask.scale.y,
      Math.ceil,
      mask.height,
    );
    for (let i = 0; i < columns; i++) {
      const left = maskIndex(i * stride - tissueMargin, space.scale, mask.scale.x, Math.floor, mask.width);
      const right = maskIndex(
        (i + 1) * stride + tissueMargin,
        space.scale,
        mask.scale.x,
        Math.ceil,
        mask.width,
      );
      if (count(left, top, right, bottom) > 0) codes.push(spread(i) + 2 * spread(j));
    }
  }
  const ordered = Float64Array.from(codes).sort();
  const patches = new Uint32Array(ordered.length * 2);
  for (const [n, code] of ordered.entries()) {
    patches[2 * n] = gather(code);
    patches[2 * n + 1] = gather(Math.floor(code / 2));
  }
  return patches;
}

/** Converts a model coordinate to mask pixels, rounded outwards and limited to the mask. */
function maskIndex(
  position: number,
  modelScale: number,
  maskScale: number,
  round: (value: number) => number,
  size: number,
): number {
  return Math.min(Math.max(round((position * modelScale) / maskScale), 0), size);
}

/**
 * Returns a function that counts the tissue pixels of a rectangle of the mask in constant time. It uses sums over all
 * rectangles that start at the origin.
 */
function tissueCounter({ width, height, data }: TissueMask) {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += data[y * width + x] ? 1 : 0;
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + row;
    }
  }
  const at = (x: number, y: number) => sums[y * (width + 1) + x]!;
  return (left: number, top: number, right: number, bottom: number) =>
    at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top);
}

/** Moves each bit k of `value` to bit 2k. */
function spread(value: number): number {
  let result = 0;
  for (let bit = 1, place = 1; bit <= value; bit *= 2, place *= 4) {
    if (Math.floor(value / bit) % 2 === 1) result += place;
  }
  return result;
}

/** Moves each bit 2k of `code` to bit k and leaves out the odd bits. */
function gather(code: number): number {
  let result = 0;
  for (let bit = 1, rest = code; rest >= 1; bit *= 2, rest = Math.floor(rest / 4)) {
    if (rest % 2 === 1) result += bit;
  }
  return result;
}
