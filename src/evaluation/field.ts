import type { Overlap } from './label-map.js';
import { countByClass } from './label-map.js';
import { type Confusion, confusion } from './measures/detection.js';
import type { ImageQuality } from './measures/pannuke.js';
import {
  aggregatedJaccard,
  aggregatedJaccardPlus,
  conicPanopticQuality,
  dice,
  matchAll,
  matchClass,
  type Matches,
  panopticQuality,
} from './measures/segmentation.js';

/** All measures of one image; null where a measure is undefined because there are no nuclei. */
export interface FieldMeasures extends ImageQuality {
  readonly name: string;
  readonly dice: number | null;
  readonly aji: number | null;
  readonly ajiPlus: number | null;
  readonly dq: number | null;
  readonly sq: number | null;
  readonly pq: number | null;
  readonly conicPq: number;
  /** Matches at IoU > 0.5, by class id - 1. */
  readonly matches: readonly Matches[];
  readonly confusion: Confusion;
  /** Number of nuclei by class; entry 0 counts those without a class. */
  readonly counts: { readonly truth: readonly number[]; readonly prediction: readonly number[] };
}

/**
 * Measures one image.
 * @param overlap with classes translated to ids 1 .. classCount
 * @param ofClass matches by class id - 1, if they were counted on separate masks (PanNuke's channels)
 */
export function measureField(
  name: string,
  overlap: Overlap,
  classCount: number,
  tissue?: string,
  ofClass?: readonly Matches[],
): FieldMeasures {
  const all = matchAll(overlap);
  const quality = panopticQuality(all);
  const matches = ofClass ?? Array.from({ length: classCount }, (_, k) => matchClass(overlap, k + 1));
  return {
    name,
    ...(tissue !== undefined && { tissue }),
    dice: dice(overlap),
    aji: aggregatedJaccard(overlap),
    ajiPlus: aggregatedJaccardPlus(overlap),
    dq: quality?.dq ?? null,
    sq: quality?.sq ?? null,
    pq: quality?.pq ?? null,
    conicPq: conicPanopticQuality(all),
    binary: where(all, quality?.pq),
    classes: matches.map((match) => where(match, panopticQuality(match)?.pq)),
    matches,
    confusion: confusion(overlap, classCount),
    counts: {
      truth: countByClass(overlap.truth, classCount),
      prediction: countByClass(overlap.prediction, classCount),
    },
  };
}

/** Applies PanNuke's rule: a class without true nuclei is not judged. */
function where({ tp, fn }: Matches, pq: number | undefined): number | null {
  return tp + fn > 0 ? (pq ?? null) : null;
}
