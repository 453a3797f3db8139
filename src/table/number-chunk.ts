import type { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import type { ColumnChunk } from 'hyparquet/src/types.js';

/** A column of numbers of which some may be missing: NaN, or -1 among whole numbers that are never negative. */
export interface NumberValues {
  readonly name: string;
  readonly values: Float32Array | Int32Array;
}

/**
 * Writes the chunk of an optional column of plain numbers, as `ParquetWriter` would. The library takes missing values only as
 * null in arrays of objects, and looks at each value five times: at 35 columns per nucleus that is most of the time. Here a
 * chunk is a copy.
 */
export function writeNumberChunk(
  writer: ByteWriter,
  { name, values }: NumberValues,
  compress: (bytes: Uint8Array) => Uint8Array,
): ColumnChunk {
  const start = writer.offset;
  const { levels, present } = split(values);
  const page = new Uint8Array(present.buffer, present.byteOffset, present.byteLength);
  const compressed = page.length > 0 ? compress(page) : page;
  const size = levels.length + page.length;
  const header = writer.offset;
  writePageHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: size,
    compressed_page_size: levels.length + compressed.length,
    data_page_header_v2: {
      num_values: values.length,
      num_nulls: values.length - present.length,
      num_rows: values.length,
      encoding: 'PLAIN',
      definition_levels_byte_length: levels.length,
      repetition_levels_byte_length: 0,
      is_compressed: true,
    },
  });
  const headerSize = writer.offset - header;
  writer.appendBytes(levels);
  writer.appendBytes(compressed);
  return {
    meta_data: {
      type: values instanceof Float32Array ? 'FLOAT' : 'INT32',
      encodings: ['PLAIN'],
      path_in_schema: [name],
      codec: 'ZSTD',
      num_values: BigInt(values.length),
      total_compressed_size: BigInt(writer.offset - start),
      total_uncompressed_size: BigInt(headerSize + size),
      data_page_offset: BigInt(start),
    },
    file_offset: BigInt(start),
  };
}

/** Returns the values that are there, and which they are: definition levels, a bit per value, in one bit-packed run. */
function split(values: Float32Array | Int32Array) {
  const whole = values instanceof Int32Array;
  const groups = Math.ceil(values.length / 8);
  const bits = new Uint8Array(groups);
  const present = values.slice();
  let count = 0;
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (whole ? value < 0 : value !== value) continue;
    bits[k >> 3]! |= 1 << (k & 7);
    present[count++] = value;
  }
  return { levels: Buffer.concat([varint((groups << 1) | 1), bits]), present: present.subarray(0, count) };
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Uint8Array.of(...bytes, value);
}
