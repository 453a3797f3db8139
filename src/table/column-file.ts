import { type FileHandle, open } from 'node:fs/promises';
import { type FileMetaData, parquetMetadataAsync, type ParquetScan, parquetScan } from 'hyparquet';
import type { TableFacts } from './context.js';
import { entriesOf, factsOf } from './metadata.js';
import { reading } from './parquet-error.js';
import { joined, plainPages } from './plain-pages.js';
import { zstd } from './zstd.js';

type Decompress = Awaited<ReturnType<typeof zstd>>['decompress'];
type Chunk = FileMetaData['row_groups'][number]['columns'][number]['meta_data'] & {};

/**
 * A Parquet file of a slide's folder from which columns are read row group by row group, in any order: a table of nuclei, or
 * what is around them. Those that hoverslide wrote plainly are read in a tenth of the time that a library takes. Memory
 * holds what is asked for. All methods throw HoverslideError `input` if the file cannot be read.
 */
export class ColumnFile {
  /** First row of each row group, and the number of rows behind the last. */
  readonly starts: readonly number[];

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly footer: FileMetaData,
    private readonly scan: ParquetScan,
    private readonly decompress: Decompress,
  ) {
    let end = 0;
    this.starts = [0, ...footer.row_groups.map(({ num_rows }) => (end += Number(num_rows)))];
  }

  /** Opens the file. Whoever opens it closes it. */
  static async open(path: string): Promise<ColumnFile> {
    const { decompress } = await zstd();
    return reading(path, async () => {
      const handle = await open(path);
      try {
        const { size: byteLength } = await handle.stat();
        const file = {
          byteLength,
          slice: async (start: number, end = byteLength) => (await bytesOf(handle, start, end)).buffer,
        };
        const metadata = await parquetMetadataAsync(file, { geoparquet: false });
        const compressors = { ZSTD: decompress };
        const scan = await parquetScan({ file, metadata, compressors, utf8: false });
        return new ColumnFile(path, handle, metadata, scan, decompress);
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  get rowCount(): number {
    return this.starts.at(-1)!;
  }

  /** Number of row groups. */
  get groups(): number {
    return this.starts.length - 1;
  }

  /** The file's key-value metadata. */
  get metadata(): Record<string, string> {
    return entriesOf(this.footer);
  }

  /** What a table says of its slide and model. @throws HoverslideError `input` if another version of hoverslide wrote it */
  get facts(): TableFacts {
    return factsOf(this.path, this.metadata);
  }

  /** Returns the row group that a row is in. */
  groupOf(row: number): number {
    let [low, high] = [0, this.groups];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]! <= row) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Reads a row group of a column of numbers of 4 bytes; NaN where there is no value. */
  async floats(name: string, group: number): Promise<Float32Array> {
    const plain = await this.#plain(name, group, 'FLOAT');
    if (plain) return new Float32Array(joined(plain));
    return Float32Array.from(await this.values(name, group), (value) => (value as number | null) ?? NaN);
  }

  /** Reads a row group of a required column of numbers of 8 bytes. */
  async doubles(name: string, group: number): Promise<Float64Array> {
    const plain = await this.#plain(name, group, 'DOUBLE');
    if (plain) return new Float64Array(joined(plain));
    return Float64Array.from((await this.values(name, group)) as ArrayLike<number>);
  }

  /**
   * Reads a row group of a required column of bytes, in pieces of whole rows: of each row the length (uint32,
   * little-endian), then the bytes.
   */
  async bytes(name: string, group: number): Promise<readonly Uint8Array[]> {
    const plain = await this.#plain(name, group, 'BYTE_ARRAY');
    if (plain) return plain;
    return Array.from(await this.values(name, group), (value) => {
      const bytes = Buffer.from(value as string);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([length, bytes]);
    });
  }

  /** Reads a row group of a column as the library gives it. */
  async values(name: string, group: number): Promise<ArrayLike<unknown>> {
    const [rowStart, rowEnd] = [this.starts[group]!, this.starts[group + 1]!];
    return reading(this.path, () => this.scan.readColumn({ column: name, rowStart, rowEnd }));
  }

  /** Returns the pages of a required column of plain values of a type; undefined if it is another one. */
  async #plain(name: string, group: number, type: Chunk['type']): Promise<Uint8Array[] | undefined> {
    const required = this.footer.schema.find((each) => each.name === name)?.repetition_type === 'REQUIRED';
    const chunk = this.footer.row_groups[group]!.columns.find(
      ({ meta_data }) => meta_data?.path_in_schema.join('.') === name,
    )?.meta_data;
    if (!required || chunk?.type !== type || chunk.codec !== 'ZSTD') return undefined;
    if (chunk.encodings.some((encoding) => encoding !== 'PLAIN')) return undefined;
    const start = Number(chunk.data_page_offset);
    return reading(this.path, async () =>
      plainPages(
        await bytesOf(this.handle, start, start + Number(chunk.total_compressed_size)),
        this.decompress,
      ),
    );
  }
}

async function bytesOf(handle: FileHandle, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = Buffer.allocUnsafeSlow(end - start);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
  if (bytesRead < bytes.length) throw new Error(`it ends before byte ${end}`);
  return bytes;
}
