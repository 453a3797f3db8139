/** Largest whole number whose count stands in an array; above it, where values are rare, counts stand in a map. */
const densest = 1 << 20;

/**
 * How often each step of a measure occurred: values rounded to whole multiples of its step. What comes out of it does not
 * depend on the order in which values came, and memory does not grow with their number.
 */
export class Counts {
  #dense = new Uint32Array(1 << 12);
  readonly #rare = new Map<number, number>();
  #sorted: readonly (readonly [value: number, times: number])[] | undefined;
  count = 0;

  /** @param step in the measure's unit; `perUnit` of them make one */
  constructor(readonly perUnit: number) {}

  /** Adds a value in steps: a whole number from 0 on. */
  add(steps: number): void {
    this.count++;
    this.#sorted = undefined;
    if (steps < this.#dense.length) this.#dense[steps]!++;
    else if (steps < densest) {
      const grown = new Uint32Array(Math.min(densest, 2 ** Math.ceil(Math.log2(steps + 1))));
      grown.set(this.#dense);
      this.#dense = grown;
      grown[steps]!++;
    } else this.#rare.set(steps, (this.#rare.get(steps) ?? 0) + 1);
  }

  /** Returns a quantile, interpolated between neighbours as NumPy, pandas and R do by default. NaN without values. */
  quantile(share: number): number {
    const place = share * (this.count - 1);
    const [low, high] = [this.#at(Math.floor(place)), this.#at(Math.ceil(place))];
    return (low + (place % 1) * (high - low)) / this.perUnit;
  }

  /** Mean, and standard deviation of a sample (divided by the number of values less one). */
  get moments(): Moments {
    let sum = 0;
    for (const [value, times] of this.#values()) sum += value * times; // whole numbers: exact
    const mean = sum / this.count;
    let squares = 0;
    for (const [value, times] of this.#values()) squares += times * (value - mean) ** 2;
    return { mean: mean / this.perUnit, sd: Math.sqrt(squares / (this.count - 1)) / this.perUnit };
  }

  #at(place: number): number {
    let seen = 0;
    for (const [value, times] of this.#values()) {
      seen += times;
      if (place < seen) return value;
    }
    return NaN;
  }

  #values(): readonly (readonly [value: number, times: number])[] {
    if (this.#sorted) return this.#sorted;
    const values: [number, number][] = [];
    this.#dense.forEach((times, value) => {
      if (times > 0) values.push([value, times]);
    });
    this.#sorted = [...values, ...[...this.#rare].sort(([a], [b]) => a - b)];
    return this.#sorted;
  }
}

export interface Moments {
  readonly mean: number;
  readonly sd: number;
}
