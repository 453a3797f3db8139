import type { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import type { ColumnChunk, Encoding } from 'hyparquet/src/types.js';

/** A column of numbers of which some may be missing: NaN, or -1 among whole numbers that are never negative. */
export interface NumberValues {
  readonly name: string;
  readonly values: Float32Array | Int32Array;
}

/** Largest whole number that is stored by its place in a dictionary of all from 0 on, in few bits each. */
const largestPacked = 1023;

type Compress = (bytes: Uint8Array) => Uint8Array;

/**
 * Writes the chunk of an optional column of numbers. `ParquetWriter` takes missing values only as null in arrays of objects,
 * and looks at each value five times: at 35 columns per nucleus that would be most of the time that they take.
 */
export function writeNumberChunk(
  writer: ByteWriter,
  { name, values }: NumberValues,
  compress: Compress,
): ColumnChunk {
  const start = writer.offset;
  const { levels, present } = split(values);
  const { encoding, page, dictionary } = encoded(present);
  let uncompressed = dictionary === undefined ? 0 : writeDictionary(writer, dictionary, compress);
  const dataStart = writer.offset;
  const compressed = page.length > 0 ? compress(page) : page;
  const size = levels.length + page.length;
  writePageHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: size,
    compressed_page_size: levels.length + compressed.length,
    data_page_header_v2: {
      num_values: values.length,
      num_nulls: values.length - present.length,
      num_rows: values.length,
      encoding,
      definition_levels_byte_length: levels.length,
      repetition_levels_byte_length: 0,
      is_compressed: true,
    },
  });
  uncompressed += writer.offset - dataStart + size;
  writer.appendBytes(levels);
  writer.appendBytes(compressed);
  return {
    meta_data: {
      type: values instanceof Float32Array ? 'FLOAT' : 'INT32',
      encodings: dictionary === undefined ? [encoding] : ['PLAIN', encoding],
      path_in_schema: [name],
      codec: 'ZSTD',
      num_values: BigInt(values.length),
      total_compressed_size: BigInt(writer.offset - start),
      total_uncompressed_size: BigInt(uncompressed),
      data_page_offset: BigInt(dataStart),
      ...(dictionary !== undefined && { dictionary_page_offset: BigInt(start) }),
    },
    file_offset: BigInt(start),
  };
}

interface Encoded {
  readonly encoding: Encoding;
  readonly page: Uint8Array;
  /** Number of entries of the dictionary: the whole numbers from 0 on. */
  readonly dictionary?: number;
}

function encoded(values: Float32Array | Int32Array): Encoded {
  if (values instanceof Float32Array) return { encoding: 'BYTE_STREAM_SPLIT', page: streams(values) };
  let largest = 0;
  for (let k = 0; k < values.length; k++) if (values[k]! > largest) largest = values[k]!;
  if (largest > largestPacked) return { encoding: 'PLAIN', page: bytesOf(values) };
  return { encoding: 'RLE_DICTIONARY', page: bitPacked(values, largest), dictionary: largest + 1 };
}

/** Writes the whole numbers from 0 on as a dictionary page; returns its size before compression, header included. */
function writeDictionary(writer: ByteWriter, count: number, compress: Compress): number {
  const start = writer.offset;
  const page = bytesOf(Int32Array.from({ length: count }, (_, k) => k));
  const compressed = compress(page);
  writePageHeader(writer, {
    type: 'DICTIONARY_PAGE',
    uncompressed_page_size: page.length,
    compressed_page_size: compressed.length,
    dictionary_page_header: { num_values: count, encoding: 'PLAIN' },
  });
  const header = writer.offset - start;
  writer.appendBytes(compressed);
  return header + page.length;
}

/** Returns the values that are there, and which they are: definition levels, a bit per value, in one bit-packed run. */
function split(values: Float32Array | Int32Array) {
  const groups = Math.ceil(values.length / 8);
  const bits = new Uint8Array(groups);
  const present = values instanceof Float32Array ? presentNumbers(values, bits) : presentCounts(values, bits);
  return { levels: Buffer.concat([runOf(groups), bits]), present };
}

function presentNumbers(values: Float32Array, bits: Uint8Array): Float32Array {
  const present = new Float32Array(values.length);
  let count = 0;
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (Number.isNaN(value)) continue;
    bits[k >> 3]! |= 1 << (k & 7);
    present[count++] = value;
  }
  return present.subarray(0, count);
}

function presentCounts(values: Int32Array, bits: Uint8Array): Int32Array {
  const present = new Int32Array(values.length);
  let count = 0;
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (value < 0) continue;
    bits[k >> 3]! |= 1 << (k & 7);
    present[count++] = value;
  }
  return present.subarray(0, count);
}

/** Packs places in a dictionary into as many bits as the largest needs, in one run after the number of bits. */
function bitPacked(values: Int32Array, largest: number): Uint8Array {
  const width = Math.max(1, 32 - Math.clz32(largest));
  const groups = Math.ceil(values.length / 8);
  const run = runOf(groups);
  const bytes = new Uint8Array(1 + run.length + groups * width);
  bytes[0] = width;
  bytes.set(run, 1);
  let at = 1 + run.length;
  let [held, bits] = [0, 0];
  for (const value of values) {
    held |= value << bits;
    for (bits += width; bits >= 8; bits -= 8, held >>>= 8) bytes[at++] = held & 255;
  }
  if (bits > 0) bytes[at] = held;
  return bytes;
}

/** Header of a bit-packed run of groups of 8 values. */
function runOf(groups: number): Uint8Array {
  let value = (groups << 1) | 1;
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Uint8Array.of(...bytes, value);
}

/** Puts the first bytes of all values together, then the second and so on: exponents are alike, so that they compress. */
function streams(values: Float32Array): Uint8Array {
  const bytes = bytesOf(values);
  const { length } = values;
  const split = new Uint8Array(bytes.length);
  for (let k = 0, at = 0; k < length; k++, at += 4) {
    split[k] = bytes[at]!;
    split[length + k] = bytes[at + 1]!;
    split[2 * length + k] = bytes[at + 2]!;
    split[3 * length + k] = bytes[at + 3]!;
  }
  return split;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
