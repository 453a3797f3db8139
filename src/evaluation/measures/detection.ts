import { evaluationBinding } from '../binding.js';
import { ignored } from '../classes.js';
import type { Overlap } from '../label-map.js';

/** Largest distance at which two centroids are a pair (hover_net, `run_nuclei_type_stat`): 3 um at 0.25 um/px. */
export const pairingRadiusPx = 12;

/**
 * Result of pairing nuclei by centroids. Class 0 stands for unclassified nuclei. The counts of several fields can be
 * added.
 */
export interface Confusion {
  /** Number of pairs by true and predicted class, [classes + 1, classes + 1]. */
  readonly paired: number[][];
  /** Number of pairs whose true class is ignored, by predicted class. */
  readonly pairedIgnored: number[];
  /** Number of true nuclei without a partner, by class. Those of an ignored class are counted separately. */
  readonly missed: number[];
  readonly missedIgnored: number;
  /** Number of predicted nuclei without a partner, by class. */
  readonly extra: number[];
}

export interface ClassDetection {
  readonly F: number;
  readonly precision: number | null;
  readonly recall: number;
}

export interface Detection {
  /** null if there is no nucleus at all. */
  readonly F_d: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  /** Share of the pairs in which both classes are equal. */
  readonly typeAccuracy: number | null;
  /** By class id - 1; null if no true nucleus has the class. */
  readonly classes: (ClassDetection | null)[];
}

/**
 * Pairs nuclei by their centroids so that the sum of distances over the field is smallest, then drops pairs farther
 * apart than 12 px (hover_net, `pair_coordinates`).
 * If a field has no nucleus, hover_net adds one of class 0 at (0, 0), which can become a false detection or even a hit.
 * This function does not.
 */
export function confusion({ truth, prediction }: Overlap, classCount: number): Confusion {
  const result = emptyConfusion(classCount);
  const partner = evaluationBinding().pairPoints(truth.centroid, prediction.centroid);
  const taken = new Uint8Array(prediction.count);
  let missedIgnored = 0;
  for (let t = 0; t < truth.count; t++) {
    const p = partner[t]!;
    const trueClass = truth.classes[t]!;
    const near = p >= 0 && distance(truth.centroid, t, prediction.centroid, p) <= pairingRadiusPx;
    if (near) {
      taken[p] = 1;
      const row = trueClass === ignored ? result.pairedIgnored : result.paired[trueClass]!;
      row[prediction.classes[p]!]!++;
    } else if (trueClass === ignored) {
      missedIgnored++;
    } else {
      result.missed[trueClass]!++;
    }
  }
  for (let p = 0; p < prediction.count; p++) if (!taken[p]) result.extra[prediction.classes[p]!]!++;
  return { ...result, missedIgnored };
}

export function emptyConfusion(classCount: number): Confusion {
  const zeros = () => new Array<number>(classCount + 1).fill(0);
  return {
    paired: Array.from({ length: classCount + 1 }, zeros),
    pairedIgnored: zeros(),
    missed: zeros(),
    missedIgnored: 0,
    extra: zeros(),
  };
}

export function addConfusions(a: Confusion, b: Confusion): Confusion {
  const add = (x: number[], y: number[]) => x.map((value, k) => value + y[k]!);
  return {
    paired: a.paired.map((row, k) => add(row, b.paired[k]!)),
    pairedIgnored: add(a.pairedIgnored, b.pairedIgnored),
    missed: add(a.missed, b.missed),
    missedIgnored: a.missedIgnored + b.missedIgnored,
    extra: add(a.extra, b.extra),
  };
}

/**
 * Computes detection and classification as in hover_net's `run_nuclei_type_stat` (Graham et al. 2019), over all counts:
 * F_d = 2 TP / (2 TP + FP + FN).
 * Per class, among pairs in which at least one side has the class:
 * F_c = 2 (TP_c + TN_c) / (2 (TP_c + TN_c) + 2 FP_c + 2 FN_c + FP_d + FN_d).
 * TN_c is left out here. It is zero in the published code, which removes pairs without the class on either side before
 * it counts TN_c.
 * Precision and recall per class have the same weights (CellViT, `cell_type_detection_scores`): TP_c / (TP_c + 2 FP_c +
 * FP_d) and TP_c / (TP_c + 2 FN_c + FN_d). F_c is their harmonic mean.
 * Pairs whose true class is ignored count only for detection.
 */
export function detection({ paired, pairedIgnored, missed, missedIgnored, extra }: Confusion): Detection {
  const typed = sum(paired.map(sum));
  const tp = typed + sum(pairedIgnored);
  const fp = sum(extra);
  const fn = sum(missed) + missedIgnored;
  const equal = sum(paired.map((row, c) => row[c]!));
  const hasClasses = sum(paired.slice(1).map(sum)) + sum(missed.slice(1)) > 0;
  const ofClass = (c: number): ClassDetection | null => {
    const right = paired[c]![c]!;
    const asOther = sum(paired[c]!) - right;
    const fromOther = sum(paired.map((row) => row[c]!)) - right;
    if (right + asOther + missed[c]! === 0) return null;
    const found = right + 2 * fromOther + extra[c]!;
    const wanted = right + 2 * asOther + missed[c]!;
    return { F: (2 * right) / (found + wanted), precision: ratio(right, found), recall: right / wanted };
  };
  return {
    F_d: ratio(2 * tp, 2 * tp + fp + fn),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    typeAccuracy: hasClasses ? ratio(equal, typed) : null,
    classes: paired.slice(1).map((_, k) => ofClass(k + 1)),
  };
}

/** Computes a distance in float64 from float32 coordinates, as SciPy's `cdist`. */
function distance(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const dx = a[2 * i]! - b[2 * j]!;
  const dy = a[2 * i + 1]! - b[2 * j + 1]!;
  return Math.sqrt(dx * dx + dy * dy);
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
