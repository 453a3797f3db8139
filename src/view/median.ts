const halves = 65_536;

/**
 * Returns the median, the mean of the two in the middle where the number is even; null without values. Takes two passes over
 * the values for each in the middle, where sorting them would take most of a selection's time. @param values without NaN
 */
export function medianOf(values: Float32Array): number | null {
  const { length } = values;
  if (length === 0) return null;
  const upper = nth(values, length >> 1);
  return length % 2 === 1 ? upper : (nth(values, (length >> 1) - 1) + upper) / 2;
}

/** Returns the value that has n others before it in ascending order: by the upper half of its bits, then by the lower. */
function nth(values: Float32Array, n: number): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const counts = new Uint32Array(halves);
  for (let k = 0; k < bits.length; k++) counts[ascending(bits[k]!) >>> 16]!++;
  const [upper, before] = placeOf(counts, n);
  counts.fill(0);
  for (let k = 0; k < bits.length; k++) {
    const key = ascending(bits[k]!);
    if (key >>> 16 === upper) counts[key & 0xffff]!++;
  }
  const [lower] = placeOf(counts, n - before);
  const key = ((upper << 16) | lower) >>> 0;
  const found = Uint32Array.of(key >= 2 ** 31 ? key ^ 0x80000000 : ~key);
  return new Float32Array(found.buffer)[0]!;
}

/** Returns bits of a float32 such that they ascend with it. */
function ascending(bits: number): number {
  return (bits & 0x80000000 ? ~bits : bits | 0x80000000) >>> 0;
}

/** Finds where the n-th falls, and how many come before. */
function placeOf(counts: Uint32Array, n: number): [place: number, before: number] {
  let before = 0;
  let place = 0;
  while (before + counts[place]! <= n) before += counts[place++]!;
  return [place, before];
}
