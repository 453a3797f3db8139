/** A stream of numbers in [0, 1) that a seed decides (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Mutator = (bytes: Buffer, next: () => number) => Buffer;

const below = (next: () => number, end: number) => Math.floor(next() * end);

/** Gives a place in a file: half of them in its head or tail, where most formats keep what they say of themselves. */
function place(bytes: Buffer, next: () => number, room: number): number {
  const end = Math.max(1, bytes.length - room);
  const kind = next();
  const near = Math.min(end, 2048);
  if (kind < 0.35) return below(next, near);
  return kind < 0.5 ? end - 1 - below(next, near) : below(next, end);
}

const absurd = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const absurdText = ['1e308', '-1', '999999999999', 'NaN', 'null', '""', '{}', '[]', '0', '1e-300'];

/** Ways to damage a file: bits that flip, an end that is missing, offsets and parts that change places, absurd sizes. */
export const mutators: Readonly<Record<string, Mutator>> = {
  'bit flips': (bytes, next) => {
    for (let n = 1 + below(next, 24); n > 0; n--) bytes[place(bytes, next, 1)]! ^= 1 << below(next, 8);
    return bytes;
  },
  truncation: (bytes, next) => bytes.subarray(0, below(next, bytes.length)),
  'swapped offsets': (bytes, next) => {
    for (let n = 1 + below(next, 3); n > 0; n--) {
      const size = next() < 0.5 ? 4 : 8;
      const [a, b] = [place(bytes, next, size), place(bytes, next, size)];
      const kept = Buffer.from(bytes.subarray(a, a + size));
      bytes.copyWithin(a, b, b + size);
      kept.copy(bytes, b);
    }
    return bytes;
  },
  'absurd sizes': (bytes, next) => {
    if (isText(bytes)) return withAbsurdNumber(bytes, next);
    for (let n = 1 + below(next, 3); n > 0; n--) {
      const size = [2, 4, 8][below(next, 3)]!;
      const value = Buffer.alloc(8);
      value.writeBigUInt64LE(BigInt(absurd[below(next, absurd.length)]!));
      if (next() < 0.5) value.subarray(0, size).reverse();
      value.copy(bytes, place(bytes, next, size), 0, size);
    }
    return bytes;
  },
  'moved parts': (bytes, next) => {
    const [a, b] = [below(next, bytes.length), below(next, bytes.length)];
    const part = bytes.subarray(Math.min(a, b), Math.min(a, b) + below(next, 4096));
    if (next() < 0.5) part.fill(0);
    const at = below(next, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
  },
};

function isText(bytes: Buffer): boolean {
  return bytes.subarray(0, 512).every((byte) => byte >= 9 && byte < 127);
}

function withAbsurdNumber(bytes: Buffer, next: () => number): Buffer {
  const text = bytes.toString('latin1');
  const numbers = [...text.matchAll(/-?\d+(\.\d+)?/g)];
  const found = numbers[below(next, numbers.length)];
  if (!found) return bytes;
  const value = absurdText[below(next, absurdText.length)]!;
  return Buffer.from(
    text.slice(0, found.index) + value + text.slice(found.index + found[0].length),
    'latin1',
  );
}

/** Damages a file in the way and at the places that a seed decides. */
export function mutant(base: Buffer, seed: number): { bytes: Buffer; how: string } {
  const next = random(seed);
  const names = Object.keys(mutators);
  const how = names[below(next, names.length)]!;
  return { bytes: mutators[how]!(Buffer.from(base), next), how };
}
