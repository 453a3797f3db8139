import { ByteWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';
import { AtomicFile } from '../files.js';
import { type NumberValues, writeNumberChunk } from './number-chunk.js';
import { zstd } from './zstd.js';

/**
 * Rows of a row group, whatever the sizes of the portions that come in. They are few enough that one row group adds
 * little to the memory of a run, and that a reader who wants a region can skip most row groups: rows come in Z-order.
 */
export const rowGroupSize = 8_192;

/**
 * Size of the writer's buffer, larger than a compressed row group. A buffer that has to grow leaves its old memory
 * behind.
 */
const rowGroupBytes = 1 << 23;

export type ParquetSchema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];

/** A Parquet file on its way to disk, compressed with Zstandard. It appears under its name when it is closed, or never. */
export class ParquetFile {
  private readonly bytes: FileBytes;
  private readonly parquet: ParquetWriter;

  private constructor(
    private readonly file: AtomicFile,
    schema: ParquetSchema,
    version: string,
    private readonly compress: (bytes: Uint8Array) => Uint8Array,
  ) {
    this.bytes = new FileBytes(file);
    this.parquet = new ParquetWriter({
      writer: this.bytes,
      schema,
      codec: 'ZSTD',
      compressors: { ZSTD: compress },
      createdBy: `hoverslide version ${version}`,
    });
  }

  /** @throws HoverslideError `output`; so do the methods */
  static async open(path: string, schema: ParquetSchema, version: string): Promise<ParquetFile> {
    const { compress } = await zstd();
    return new ParquetFile(await AtomicFile.open(path), schema, version, compress);
  }

  /** Writes a row group of at most `rowGroupSize` rows. */
  async writeRowGroup(columnData: ColumnSource[]): Promise<void> {
    await this.parquet.write({ rowGroupSize, columnData });
  }

  /** Writes a row group of optional columns of numbers, in the order of the schema. */
  async writeNumbers(columns: readonly NumberValues[]): Promise<void> {
    const start = this.bytes.offset;
    const chunks = columns.map((column) => writeNumberChunk(this.bytes, column, this.compress));
    const rows = BigInt(columns[0]!.values.length);
    this.parquet.num_rows += rows;
    this.parquet.row_groups.push({
      columns: chunks,
      total_byte_size: chunks.reduce((sum, chunk) => sum + chunk.meta_data!.total_uncompressed_size, 0n),
      num_rows: rows,
      total_compressed_size: BigInt(this.bytes.offset - start),
    });
    await this.bytes.flush();
  }

  /** Finishes the file. Its metadata, which stands in the footer, may be known only now. */
  async close(metadata: Readonly<Record<string, string>>): Promise<void> {
    this.parquet.kvMetadata = Object.keys(metadata)
      .sort()
      .map((key) => ({ key, value: metadata[key]! }));
    await this.parquet.finish();
    if (this.parquet.num_rows === 0n) this.bytes.mendEmptyFooter();
    await this.bytes.flush();
    await this.file.commit();
  }

  async abort(): Promise<void> {
    await this.file.discard();
  }
}

/** Buffer that collects the bytes of a row group, then hands them to the file. */
class FileBytes extends ByteWriter {
  constructor(private readonly file: AtomicFile) {
    super(rowGroupBytes);
  }

  /**
   * Gives the list of row groups, which is empty, the type of its elements. The library leaves that out, and readers in
   * Rust then refuse the file. In Thrift's compact protocol: field 3 is the number 0, field 4 a list of 0 structs.
   */
  mendEmptyFooter(): void {
    const bytes = this.getBytes();
    const place = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(
      Buffer.of(0x16, 0, 0x19, 0),
    );
    if (place < 0) throw new Error('expected a footer without row groups');
    bytes[place + 3] = 0x0c;
  }

  async flush(): Promise<void> {
    await this.file.write(this.getBytes());
    this.index = 0;
  }
}
