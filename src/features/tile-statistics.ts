/** Values of tiles, each counted as often as its weight says: whole numbers, 1 for the slide itself. */
export interface Weighted {
  readonly values: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

export function total(weights: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < weights.length; k++) sum += weights[k]!;
  return sum;
}

export function mean({ values, weights }: Weighted): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += weights[k]! * values[k]!;
  return sum / total(weights);
}

/** Coefficient of variation: the standard deviation of a sample over the mean. NaN where the mean is 0. */
export function variation(of: Weighted): number {
  const centre = mean(of);
  let squares = 0;
  for (let k = 0; k < of.values.length; k++) squares += of.weights[k]! * (of.values[k]! - centre) ** 2;
  return centre === 0 ? NaN : Math.sqrt(squares / (total(of.weights) - 1)) / centre;
}

/** Quantile, interpolated between neighbours as NumPy does by default. */
export function weightedQuantile({ values, weights }: Weighted, share: number): number {
  const order = ascending(values);
  const place = share * (total(weights) - 1);
  const at = (wanted: number) => {
    let seen = 0;
    for (const k of order) {
      seen += weights[k]!;
      if (wanted < seen) return values[k]!;
    }
    return NaN;
  };
  const [low, high] = [at(Math.floor(place)), at(Math.ceil(place))];
  return low + (place % 1) * (high - low);
}

/**
 * Gini coefficient: 0 where all tiles are equal, towards 1 where one has everything. Half the mean absolute difference of
 * all pairs over the mean. NaN where the mean is 0.
 */
export function gini({ values, weights }: Weighted): number {
  let [seen, sum, ranked] = [0, 0, 0];
  for (const k of ascending(values)) {
    const weight = weights[k]!;
    // The ranks seen + 1 to seen + weight.
    ranked += values[k]! * (weight * seen + (weight * (weight + 1)) / 2);
    sum += weight * values[k]!;
    seen += weight;
  }
  return sum === 0 ? NaN : (2 * ranked) / (seen * sum) - (seen + 1) / seen;
}

/**
 * Morisita-Horn index of two kinds of nuclei: 1 where both have the same shares in all tiles, 0 where no tile has both.
 * NaN where one of them is absent.
 */
export function morisitaHorn(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  weights: ArrayLike<number>,
): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let k = 0; k < weights.length; k++) {
    const [weight, x, y] = [weights[k]!, first[k]!, second[k]!];
    a += weight * x;
    b += weight * y;
    aa += weight * x * x;
    bb += weight * y * y;
    ab += weight * x * y;
  }
  return a === 0 || b === 0 ? NaN : (2 * ab) / ((aa / (a * a) + bb / (b * b)) * a * b);
}

/** Places of the tiles beside each tile, corners included (queen's move). */
export type Neighbours = readonly (readonly number[])[];

/**
 * Moran's I with the queen's neighbours, row-standardised: above 0 where tiles resemble their neighbours. Tiles without
 * neighbours count for the mean and the spread alone (as in esda). For a resample of blocks, neighbours stay those of the
 * slide. NaN where all tiles are equal.
 */
export function moran({ values, weights }: Weighted, neighbours: Neighbours): number {
  const centre = mean({ values, weights });
  let [products, squares, linked] = [0, 0, 0];
  for (let k = 0; k < values.length; k++) {
    const z = values[k]! - centre;
    squares += weights[k]! * z * z;
    const beside = neighbours[k]!;
    if (beside.length === 0) continue;
    let lag = 0;
    for (const j of beside) lag += values[j]! - centre;
    products += (weights[k]! * z * lag) / beside.length;
    linked += weights[k]!;
  }
  return squares === 0 || linked === 0 ? NaN : (total(weights) / linked) * (products / squares);
}

/**
 * Getis and Ord's Gi* of each tile, as a z-score: how far the sum over the tile and its neighbours lies from what the mean
 * of all tiles leads to expect (Getis and Ord 1992; Ord and Getis 1995). NaN where all tiles are equal.
 */
export function getisOrd(values: ArrayLike<number>, neighbours: Neighbours): Float64Array {
  const n = values.length;
  let [sum, squares] = [0, 0];
  for (let k = 0; k < n; k++) sum += values[k]!;
  const centre = sum / n;
  for (let k = 0; k < n; k++) squares += (values[k]! - centre) ** 2;
  const deviation = Math.sqrt(squares / n);
  return Float64Array.from({ length: n }, (_, k) => {
    let local = values[k]!;
    for (const j of neighbours[k]!) local += values[j]!;
    const size = neighbours[k]!.length + 1;
    return (local - centre * size) / (deviation * Math.sqrt((n * size - size * size) / (n - 1)));
  });
}

/** Orders that were found before: of a slide's tiles, resamples ask for the same again and again. */
const orders = new WeakMap<object, readonly number[]>();

function ascending(values: ArrayLike<number>): readonly number[] {
  let order = orders.get(values);
  if (!order) {
    order = Array.from({ length: values.length }, (_, k) => k).sort(
      (a, b) => values[a]! - values[b]! || a - b,
    );
    orders.set(values, order);
  }
  return order;
}
