/** Returns the mean of the defined values (NumPy's nanmean); null if there are none. Sums in the order given. */
export function meanDefined(values: Iterable<number | null>): number | null {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === null) continue;
    sum += value;
    count++;
  }
  return count === 0 ? null : sum / count;
}
