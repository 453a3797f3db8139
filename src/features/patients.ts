import type { Feature } from './feature.js';

/** A slide's value of a feature, and the tissue that it stands for. */
export interface Part {
  readonly value: number | null;
  readonly tissueMm2: number;
}

/**
 * Returns a patient's value of a feature: the mean of the slides' values weighted by their tissue, or the sum of what adds
 * up. Slides of a patient are not independent, so that this comes before any test. Null where no slide has a value.
 */
export function patientValue({ adds }: Pick<Feature, 'adds'>, parts: readonly Part[]): number | null {
  const known = parts.filter((part): part is Part & { value: number } => part.value !== null);
  if (known.length === 0) return null;
  if (adds) return known.reduce((sum, { value }) => sum + value, 0);
  const weight = known.reduce((sum, { tissueMm2 }) => sum + tissueMm2, 0);
  if (!(weight > 0)) return null;
  return known.reduce((sum, { value, tissueMm2 }) => sum + value * (tissueMm2 / weight), 0);
}
