import { addon } from '../native.js';

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
  /** Rows `top` and following of both maps, row-major; 0 is background, negative labels are refused. */
  add(first: Int32Array, second: Int32Array, width: number, top: number): void;
  table(): OverlapTable;
}

/** The functions of native/evaluation. */
interface EvaluationBinding {
  OverlapCounter: new () => OverlapCounter;
  /**
   * Pairs points (x y interleaved) one to one so that the sum of distances is least; all of the smaller set get a
   * partner. Index of the partner for each point of `first`, -1 for none.
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

export const evaluationBinding = (): EvaluationBinding => addon<EvaluationBinding>();
