/** Width in um of the steps in which the distance to the nearest neighbour is followed, and how far. */
export const kmStep = 0.5;
export const kmReach = 50;
export const kmSteps = kmReach / kmStep;

/**
 * Returns the step in which an observation ends: k if it lies above k and up to k + 1 steps; 0 takes 0 too; `kmSteps` for
 * all beyond the reach.
 */
export function kmStepOf(um: number): number {
  if (!(um <= kmReach)) return kmSteps;
  return Math.max(0, Math.ceil(um / kmStep) - 1);
}

/**
 * Mean over 0 to 50 um of the Kaplan-Meier estimate of the nearest-neighbour distribution (Baddeley and Gill 1997, the
 * estimator "km" of spatstat's Gcross): the share of nuclei whose neighbour lies within r, where a nucleus nearer to the
 * tissue's edge than to its neighbour counts as at risk only up to the edge.
 * @param ended number of nuclei by the step in which the nearer of neighbour and edge lies
 * @param found of them those that have the neighbour there
 * @returns by the trapezoidal rule; 0 to 1
 */
export function kaplanMeierMean(ended: ArrayLike<number>, found: ArrayLike<number>): number {
  let atRisk = 0;
  for (let k = 0; k <= kmSteps; k++) atRisk += ended[k]!;
  let [survival, area] = [1, 0];
  for (let k = 0; k < kmSteps; k++) {
    const before = survival;
    if (atRisk > 0) survival *= 1 - found[k]! / atRisk;
    atRisk -= ended[k]!;
    area += (1 - before + (1 - survival)) / 2;
  }
  return area / kmSteps;
}
