import type { FieldMeasures } from './field.js';
import { countDetermination, multiclassQuality } from './measures/conic.js';
import { addConfusions, type Confusion, detection, emptyConfusion } from './measures/detection.js';
import { meanDefined } from './measures/mean.js';
import { pannukeQuality, type TissueQuality } from './measures/pannuke.js';
import { addMatches, type Matches } from './measures/segmentation.js';

export interface ClassSummary {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly nuclei: { readonly truth: number; readonly prediction: number };
  /** Mean over the images with true nuclei of the class (PanNuke). */
  readonly PQ: number | null;
  /** PQ over all images together (CoNIC). */
  readonly PQPlus: number;
  readonly F: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  /** Coefficient of determination of the numbers of nuclei per image (CoNIC). */
  readonly R2: number | null;
}

/** All measures of a set of images. The functions in `measures/` say what each one is and where it comes from. */
export interface QualitySummary {
  readonly images: number;
  readonly nuclei: { readonly truth: number; readonly prediction: number };
  /** Means over the images for which the measure is defined. */
  readonly dice: number | null;
  readonly aji: number | null;
  readonly ajiPlus: number | null;
  readonly dq: number | null;
  readonly sq: number | null;
  readonly pq: number | null;
  readonly conicPq: number | null;
  /** PanNuke's measures: mean per tissue, then over tissues; null for a set without tissues. */
  readonly bPQ: number | null;
  readonly mPQ: number | null;
  /** The same measures as the plain mean over images. */
  readonly bPQ_images: number | null;
  readonly mPQ_images: number | null;
  readonly mPQPlus: number | null;
  readonly R2: number | null;
  readonly F_d: number | null;
  readonly precision_d: number | null;
  readonly recall_d: number | null;
  readonly typeAccuracy: number | null;
  readonly classes: readonly ClassSummary[];
  readonly tissues: Readonly<Record<string, TissueQuality>>;
  readonly confusion: Confusion;
}

const noMatches: Matches = { tp: 0, fp: 0, fn: 0, iou: 0 };
const noDetection = { F: null, precision: null, recall: null };

/**
 * Summarises the measures of all fields. Measures per class are left out if no true nucleus has a class.
 * @param fields in a fixed order, in which sums are taken
 * @param targets classes in the order of their ids, from 1
 */
export function summarise(
  fields: readonly FieldMeasures[],
  targets: readonly { readonly id: number; readonly key: string; readonly name: string }[],
): QualitySummary {
  const known = fields.some(({ counts }) => counts.truth.slice(1).some((count) => count > 0));
  const classes = known ? targets : [];
  const pooled = fields.reduce(
    (sum, field) => addConfusions(sum, field.confusion),
    emptyConfusion(targets.length),
  );
  const pairs = detection(pooled);
  const pannuke = pannukeQuality(fields, classes.length);
  const conic = multiclassQuality(
    classes.map((_, c) => fields.reduce((sum, { matches }) => addMatches(sum, matches[c]!), noMatches)),
  );
  // Class 0 (unclassified) is not a class. Predicted nuclei that are paired with ignored ones are not counted.
  const R2 = countDetermination(
    fields.map(({ counts }) => counts.truth.slice(1)),
    fields.map(({ counts, confusion }) =>
      counts.prediction.map((count, c) => count - confusion.pairedIgnored[c]!).slice(1),
    ),
  );
  const mean = (of: (field: FieldMeasures) => number | null) => meanDefined(fields.map(of));
  const total = (counts: (field: FieldMeasures) => number) =>
    fields.reduce((sum, field) => sum + counts(field), 0);
  return {
    images: fields.length,
    nuclei: {
      truth: total(({ confusion }) => truthCount(confusion)),
      prediction: total(({ counts }) => counts.prediction.reduce((sum, n) => sum + n, 0)),
    },
    dice: mean((field) => field.dice),
    aji: mean((field) => field.aji),
    ajiPlus: mean((field) => field.ajiPlus),
    dq: mean((field) => field.dq),
    sq: mean((field) => field.sq),
    pq: mean((field) => field.pq),
    conicPq: mean((field) => field.conicPq),
    bPQ: pannuke.bPQ,
    mPQ: pannuke.mPQ,
    bPQ_images: pannuke.bPQ_images,
    mPQ_images: pannuke.mPQ_images,
    mPQPlus: conic.mPQPlus,
    R2: R2.mean,
    F_d: pairs.F_d,
    precision_d: pairs.precision,
    recall_d: pairs.recall,
    typeAccuracy: pairs.typeAccuracy,
    classes: classes.map(({ id, key, name }, c) => ({
      id,
      key,
      name,
      nuclei: {
        truth: total(({ counts }) => counts.truth[id]!),
        prediction: total(({ counts }) => counts.prediction[id]!),
      },
      PQ: pannuke.classes[c]!,
      PQPlus: conic.classes[c]!,
      ...(pairs.classes[c] ?? noDetection),
      R2: R2.classes[c] ?? null,
    })),
    tissues: pannuke.tissues,
    confusion: pooled,
  };
}

function truthCount({ paired, pairedIgnored, missed, missedIgnored }: Confusion): number {
  return [...paired.flat(), ...pairedIgnored, ...missed, missedIgnored].reduce((sum, n) => sum + n, 0);
}
