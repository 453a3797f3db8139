import { meanDefined } from './mean.js';
import { conicPanopticQuality, type Matches } from './segmentation.js';

export interface MulticlassQuality {
  /** PQ of each class over all images together, by class id - 1. */
  readonly classes: number[];
  readonly mPQPlus: number | null;
}

/**
 * Computes mPQ+ of the CoNIC challenge (Graham et al. 2021; CoNIC, `compute_stats.py`). The matches of a class are
 * summed over all images, then its PQ is computed. Then the classes are averaged; a class that occurs nowhere counts as
 * 0.
 * @param totals summed matches by class id - 1
 */
export function multiclassQuality(totals: readonly Matches[]): MulticlassQuality {
  const classes = totals.map(conicPanopticQuality);
  return { classes, mPQPlus: meanDefined(classes) };
}

/**
 * Computes the coefficient of determination of the numbers of nuclei per image, for each class and as the mean over the
 * classes (CoNIC, `get_multi_r2`, which is scikit-learn's `r2_score`): 1 - sum (t - p)^2 / sum (t - mean t)^2. If the
 * true number is the same in all images, it is 1 if every prediction is right, else 0. It is null for fewer than two
 * images.
 * @param truth, prediction numbers of nuclei, [images][classes]
 */
export function countDetermination(
  truth: readonly (readonly number[])[],
  prediction: readonly (readonly number[])[],
): { classes: (number | null)[]; mean: number | null } {
  const classes = (truth[0] ?? []).map((_, c) =>
    determination(
      truth.map((counts) => counts[c]!),
      prediction.map((counts) => counts[c]!),
    ),
  );
  return { classes, mean: meanDefined(classes) };
}

function determination(truth: number[], prediction: number[]): number | null {
  if (truth.length < 2) return null;
  const mean = meanDefined(truth)!;
  const residual = truth.reduce((sum, t, k) => sum + (t - prediction[k]!) ** 2, 0);
  const total = truth.reduce((sum, t) => sum + (t - mean) ** 2, 0);
  if (total === 0) return residual === 0 ? 1 : 0;
  return 1 - residual / total;
}
