/** Mean, standard deviation and quartiles of some values; null where there are too few values for them. */
export interface Statistics {
  readonly mean: number | null;
  /** Of a sample: divided by the number of values less one. */
  readonly sd: number | null;
  /** Quartiles, interpolated between neighbours as NumPy, pandas and R do by default. */
  readonly q1: number | null;
  readonly median: number | null;
  readonly q3: number | null;
}

/**
 * Count of how often each whole number occurred. Memory grows with the number of different ones only, and everything
 * that is computed from it does not depend on the order in which they came.
 */
export class Histogram {
  private readonly occurrences = new Map<number, number>();
  count = 0;
  sum = 0;

  add(value: number, times = 1): void {
    this.occurrences.set(value, (this.occurrences.get(value) ?? 0) + times);
    this.count += times;
    this.sum += value * times;
  }

  merge(other: Histogram): void {
    for (const [value, times] of other.occurrences) this.add(value, times);
  }

  /** Returns the statistics of the numbers after each went through a linear function. */
  statistics(of: (value: number) => number): Statistics {
    const { count } = this;
    const sorted = [...this.occurrences].sort(([a], [b]) => a - b);
    const mean = this.sum / count;
    let squares = 0;
    for (const [value, times] of sorted) squares += times * (value - mean) ** 2;
    const quartile = (share: number) => (count > 0 ? of(quantile(sorted, share * (count - 1))) : null);
    return {
      mean: count > 0 ? of(mean) : null,
      sd: count > 1 ? of(Math.sqrt(squares / (count - 1))) - of(0) : null,
      q1: quartile(0.25),
      median: quartile(0.5),
      q3: quartile(0.75),
    };
  }
}

/** Returns the value at a place from 0 on in ascending order, interpolated between two places. */
function quantile(sorted: readonly (readonly [value: number, times: number])[], place: number): number {
  const share = place % 1;
  const [low, high] = [at(sorted, Math.floor(place)), at(sorted, Math.ceil(place))];
  return low + share * (high - low);
}

function at(sorted: readonly (readonly [value: number, times: number])[], place: number): number {
  let seen = 0;
  for (const [value, times] of sorted) {
    seen += times;
    if (place < seen) return value;
  }
  throw new RangeError(`place ${place} of ${seen}`);
}
