import { parquetHeader } from 'hyparquet/src/column.js';

/**
 * Returns the values of a column chunk as they lie in it, page by page, where the column is required and its encoding is
 * PLAIN. A library that makes a value of each of them takes several times as long.
 * @param chunk all its pages, compressed with Zstandard
 * @throws Error if a page is anything else
 */
export function plainPages(
  chunk: Uint8Array,
  decompress: (bytes: Uint8Array, size: number) => Uint8Array,
): Uint8Array[] {
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 };
  const pages: Uint8Array[] = [];
  while (reader.offset < chunk.length) {
    const header = parquetHeader(reader);
    const data = header.data_page_header_v2;
    if (data?.encoding !== 'PLAIN' || data.num_nulls > 0 || data.definition_levels_byte_length > 0) {
      throw new Error(`expected a page of plain values, found ${header.type} ${data?.encoding ?? ''}`);
    }
    const page = chunk.subarray(reader.offset, (reader.offset += header.compressed_page_size));
    const size = header.uncompressed_page_size;
    pages.push(data.is_compressed === false || page.length === 0 ? page : decompress(page, size));
  }
  return pages;
}

/** Returns the bytes of pages of numbers in one piece, aligned for any type. */
export function joined(pages: readonly Uint8Array[]): ArrayBuffer {
  const [first] = pages;
  if (pages.length === 1 && first!.byteLength === first!.buffer.byteLength)
    return first!.buffer as ArrayBuffer;
  const values = new Uint8Array(pages.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const page of pages) {
    values.set(page, at);
    at += page.length;
  }
  return values.buffer;
}
