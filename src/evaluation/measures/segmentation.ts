import { evaluationBinding } from '../binding.js';
import { ignored } from '../classes.js';
import type { Overlap } from '../label-map.js';

/**
 * Numbers of pairs and of unpaired nuclei, and the summed IoU of the pairs. At IoU > 0.5 a nucleus can have only one
 * partner.
 */
export interface Matches {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly iou: number;
}

export interface PanopticQuality {
  readonly dq: number;
  readonly sq: number;
  readonly pq: number;
}

/** Value that hover_net, PanNuke-metrics and CoNIC add to a denominator. */
const epsilon = 1e-6;

/**
 * Computes Dice of the two foregrounds: 2 |T and P| / (|T| + |P|) (hover_net, `get_dice_1`). Returns null if both maps
 * are empty.
 */
export function dice({ truth, prediction, intersections }: Overlap): number | null {
  const total = sum(truth.area) + sum(prediction.area);
  return total === 0 ? null : (2 * sum(intersections)) / total;
}

/**
 * Computes the aggregated Jaccard index (Kumar et al. 2017; hover_net, `get_fast_aji`). Each true nucleus is paired
 * with the predicted one of the greatest IoU; of equal ones, with the lower label. A predicted nucleus can be paired
 * with several true ones. The index is the sum of intersections over the sum of unions, plus the areas of all nuclei
 * without a partner. Returns null if both maps are empty.
 */
export function aggregatedJaccard(overlap: Overlap): number | null {
  const { truth, prediction, pairs, intersections } = overlap;
  const best = new Int32Array(truth.count).fill(-1);
  const bestIou = new Float64Array(truth.count);
  for (let k = 0; k < intersections.length; k++) {
    const t = pairs[2 * k]!;
    const iou = intersections[k]! / (union(overlap, k) + epsilon);
    if (iou > bestIou[t]!) {
      bestIou[t] = iou;
      best[t] = k;
    }
  }
  const used = new Uint8Array(prediction.count);
  let shared = 0;
  let joined = 0;
  for (let t = 0; t < truth.count; t++) {
    const k = best[t]!;
    if (k < 0) {
      joined += truth.area[t]!;
    } else {
      shared += intersections[k]!;
      joined += union(overlap, k);
      used[pairs[2 * k + 1]!] = 1;
    }
  }
  for (let p = 0; p < prediction.count; p++) if (!used[p]) joined += prediction.area[p]!;
  return joined === 0 ? null : shared / joined;
}

/**
 * Computes AJI+ (Graham et al. 2019; hover_net, `get_fast_aji_plus`): like AJI, but one to one, with the pairing of the
 * greatest summed IoU. Returns null if both maps are empty.
 */
export function aggregatedJaccardPlus(overlap: Overlap): number | null {
  const { truth, prediction, pairs, intersections } = overlap;
  const weights = Float64Array.from(intersections, (shared, k) => shared / (union(overlap, k) + epsilon));
  const partner = evaluationBinding().pairByWeight(pairs, weights, truth.count, prediction.count);
  let shared = 0;
  for (let k = 0; k < intersections.length; k++) {
    if (partner[pairs[2 * k]!] === pairs[2 * k + 1]) shared += intersections[k]!;
  }
  // The union counts every nucleus once, paired or not, and what a pair shares only once.
  const joined = sum(truth.area) + sum(prediction.area) - shared;
  return joined === 0 ? null : shared / joined;
}

/** Pairs nuclei at IoU > 0.5, whatever their class. */
export function matchAll(overlap: Overlap): Matches {
  return match(
    overlap,
    () => true,
    () => true,
  );
}

/**
 * Pairs nuclei of class `id` at IoU > 0.5. A predicted nucleus that matches a true one of an ignored class is left out:
 * it is neither right nor wrong.
 */
export function matchClass(overlap: Overlap, id: number): Matches {
  const { truth, prediction } = overlap;
  const excused = new Uint8Array(prediction.count);
  eachMatch(overlap, (t, p) => {
    if (truth.classes[t] === ignored) excused[p] = 1;
  });
  return match(
    overlap,
    (t) => truth.classes[t] === id,
    (p) => prediction.classes[p] === id && !excused[p],
  );
}

/**
 * Computes detection, segmentation and panoptic quality (Kirillov et al. 2019) as in hover_net's `get_fast_pq` and
 * PanNuke-metrics: DQ = tp / (tp + fp/2 + fn/2), SQ = sum of IoU / (tp + 1e-6), PQ = DQ SQ. Returns null if there are
 * no nuclei at all.
 */
export function panopticQuality({ tp, fp, fn, iou }: Matches): PanopticQuality | null {
  if (tp + fp + fn === 0) return null;
  const dq = tp / (tp + 0.5 * fp + 0.5 * fn);
  const sq = iou / (tp + epsilon);
  return { dq, sq, pq: dq * sq };
}

/**
 * Computes PQ as CoNIC's `get_pq`: 1e-6 is also added to the denominator of DQ, so that the result without any nuclei
 * is 0.
 */
export function conicPanopticQuality({ tp, fp, fn, iou }: Matches): number {
  return (tp / (tp + 0.5 * fp + 0.5 * fn + epsilon)) * (iou / (tp + epsilon));
}

export function addMatches(a: Matches, b: Matches): Matches {
  return { tp: a.tp + b.tp, fp: a.fp + b.fp, fn: a.fn + b.fn, iou: a.iou + b.iou };
}

function match(
  overlap: Overlap,
  isTrue: (t: number) => boolean,
  isPredicted: (p: number) => boolean,
): Matches {
  let tp = 0;
  let iou = 0;
  eachMatch(overlap, (t, p, value) => {
    if (!isTrue(t) || !isPredicted(p)) return;
    tp++;
    iou += value;
  });
  return {
    tp,
    fp: countWhere(overlap.prediction.count, isPredicted) - tp,
    fn: countWhere(overlap.truth.count, isTrue) - tp,
    iou,
  };
}

function eachMatch(overlap: Overlap, visit: (t: number, p: number, iou: number) => void): void {
  const { pairs, intersections } = overlap;
  for (let k = 0; k < intersections.length; k++) {
    const iou = intersections[k]! / union(overlap, k);
    if (iou > 0.5) visit(pairs[2 * k]!, pairs[2 * k + 1]!, iou);
  }
}

function union({ truth, prediction, pairs, intersections }: Overlap, k: number): number {
  return truth.area[pairs[2 * k]!]! + prediction.area[pairs[2 * k + 1]!]! - intersections[k]!;
}

function countWhere(count: number, holds: (k: number) => boolean): number {
  let found = 0;
  for (let k = 0; k < count; k++) if (holds(k)) found++;
  return found;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
