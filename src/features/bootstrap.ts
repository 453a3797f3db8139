/** The seed of every bootstrap: the same blocks are drawn whenever and wherever a slide's features are computed. */
const seed = 0x5eed;

/** Fewest blocks with tissue from which an interval says something. */
export const fewestBlocks = 5;

/** Largest share of resamples without a value with which there still is an interval. */
const mostWithout = 0.1;

/** Yields numbers from 0 to 1, below 1 (mulberry32). */
function* uniform(): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    yield ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Yields how often each of some blocks is drawn, when as many are drawn with replacement; `times` times. */
export function* resamples(blocks: number, times: number): Generator<Uint32Array> {
  const numbers = uniform();
  for (let r = 0; r < times; r++) {
    const weights = new Uint32Array(blocks);
    for (let k = 0; k < blocks; k++) weights[Math.floor(numbers.next().value * blocks)]!++;
    yield weights;
  }
}

/**
 * Returns the percentile interval of 95 % of a feature's values in resamples; undefined where too few have one.
 * @param shift between the value that is reported and the one that its resamples vary about, where quantiles of resamples
 *   come from classes of values
 */
export function interval(values: readonly number[], shift: number): { lo: number; hi: number } | undefined {
  const known = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (known.length < (1 - mostWithout) * values.length || known.length < 2) return undefined;
  const at = (share: number) => {
    const place = share * (known.length - 1);
    const [low, high] = [known[Math.floor(place)]!, known[Math.ceil(place)]!];
    return low + (place % 1) * (high - low);
  };
  return { lo: at(0.025) + shift, hi: at(0.975) + shift };
}
