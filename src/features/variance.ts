/** How much of a feature's variance a column of the manifest explains. */
export interface Explained {
  readonly feature: string;
  readonly column: string;
  /** Number of groups that the column makes. */
  readonly groups: number;
  /** Number of slides with both. */
  readonly slides: number;
  /** Eta squared: the share of the variance between the groups' means, 0 to 1. */
  readonly eta2: number;
  /** What groups dealt out at random would explain on average: (groups - 1) / (slides - 1). */
  readonly byChance: number;
}

/** Most groups of a column, and fewest slides for each of them: else it names slides or measures something. */
const mostGroups = 50;
const fewestSlides = 2;

/**
 * Says how much of the variance of a feature the groups of a column explain: undefined where there are not two groups, or
 * not twice as many slides, or the feature does not vary.
 * @param values the feature's, or their log(1 + value); null where it has none
 * @param groups the column's text for each value; empty where it has none
 */
export function etaSquared(
  values: readonly (number | null)[],
  groups: readonly string[],
): Omit<Explained, 'feature' | 'column'> | undefined {
  const byGroup = new Map<string, number[]>();
  values.forEach((value, k) => {
    const group = groups[k]!;
    if (value === null || group === '') return;
    byGroup.set(group, [...(byGroup.get(group) ?? []), value]);
  });
  const known = [...byGroup.values()].flat();
  if (byGroup.size < 2 || byGroup.size > mostGroups) return undefined;
  if (known.length < fewestSlides * byGroup.size || known.every((value) => value === known[0]))
    return undefined;
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const centre = mean(known);
  const total = known.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const between = [...byGroup.values()].reduce(
    (sum, group) => sum + group.length * (mean(group) - centre) ** 2,
    0,
  );
  return {
    groups: byGroup.size,
    slides: known.length,
    eta2: Math.min(1, between / total),
    byChance: (byGroup.size - 1) / (known.length - 1),
  };
}
