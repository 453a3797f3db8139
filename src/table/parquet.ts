import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { AtomicFile } from '../files.js';
import type { NucleiBlock } from '../nuclei/block.js';
import { type Column, columnMetadata, columns } from './columns.js';
import { tableClasses, type TableContext, type TableWriter } from './context.js';
import { toWkb } from './outline.js';
import { zstd } from './zstd.js';

/**
 * Rows of a row group, whatever the sizes of the blocks that come in. They are few enough that one row group adds
 * little to the memory of a run, and that a reader who wants a region can skip most row groups: rows come in Z-order.
 */
export const rowGroupSize = 16_384;

const chunkBytes = 1 << 20;

/**
 * Size of the writer's buffer, larger than a compressed row group. A buffer that has to grow leaves its old memory
 * behind.
 */
const rowGroupBytes = 1 << 23;

type Values = Float64Array | Float32Array | string[] | Buffer[];
type WriterOptions = ConstructorParameters<typeof ParquetWriter>[0];

/** Opens a GeoParquet 1.1 table, compressed with Zstandard. Memory holds one row group. */
export async function openParquet(path: string, context: TableContext): Promise<TableWriter> {
  const { compress } = await zstd();
  return new ParquetTable(await AtomicFile.open(path), context, compress);
}

class ParquetTable implements TableWriter {
  private readonly bytes: FileBytes;
  private readonly parquet: ParquetWriter;
  private readonly values: Values[] = columns.map(valuesOf);
  private rows = 0;
  private readonly bytesOfRows = new Arena();
  private readonly extent = { xmin: Infinity, ymin: Infinity, xmax: -Infinity, ymax: -Infinity };

  constructor(
    private readonly file: AtomicFile,
    private readonly context: TableContext,
    compress: (bytes: Uint8Array) => Uint8Array,
  ) {
    this.bytes = new FileBytes(file);
    this.parquet = new ParquetWriter({
      writer: this.bytes,
      schema,
      codec: 'ZSTD',
      compressors: { ZSTD: compress },
    });
  }

  async write(block: NucleiBlock): Promise<void> {
    for (let k = 0; k < block.count; k++) {
      this.append(block, k);
      if (this.rows === rowGroupSize) await this.writeRowGroup();
    }
  }

  async close(): Promise<void> {
    if (this.rows > 0) await this.writeRowGroup();
    // The extent is known only now. The footer, which holds it, comes last in the file.
    this.parquet.kvMetadata = keyValues({ ...fileMetadata(this.context), geo: JSON.stringify(this.geo()) });
    await this.parquet.finish();
    await this.bytes.flush();
    await this.file.commit();
  }

  async abort(): Promise<void> {
    await this.file.discard();
  }

  private append(block: NucleiBlock, k: number): void {
    columns.forEach((column, c) => {
      this.values[c]![this.rows] = this.stored(column, block, k);
    });
    const { extent } = this;
    const x = block.box[4 * k]!;
    const y = block.box[4 * k + 1]!;
    extent.xmin = Math.min(extent.xmin, x);
    extent.ymin = Math.min(extent.ymin, y);
    extent.xmax = Math.max(extent.xmax, x + block.box[4 * k + 2]!);
    extent.ymax = Math.max(extent.ymax, y + block.box[4 * k + 3]!);
    this.rows++;
  }

  /**
   * Returns a value as the writer takes it. Text that differs from row to row becomes bytes, since strings would be
   * encoded one by one.
   */
  private stored(column: Column, block: NucleiBlock, k: number): number | string | Buffer {
    const value = column.value(block, k, this.context);
    if (typeof value === 'object') return toWkb(value, (bytes) => this.bytesOfRows.take(bytes));
    if (typeof value === 'number' || column.name === 'class') return value;
    const bytes = this.bytesOfRows.take(value.length);
    bytes.write(value, 'latin1');
    return bytes;
  }

  private async writeRowGroup(): Promise<void> {
    await this.parquet.write({
      rowGroupSize,
      columnData: columns.map(({ name, type }, c) => ({
        name,
        data: this.rowsOf(c),
        // Bounds of ids and outlines serve no query. Only the classes are worth a dictionary.
        statistics: name !== 'id' && type !== 'polygon',
        encoding: name === 'class' ? 'RLE_DICTIONARY' : 'PLAIN',
      })),
    });
    this.rows = 0;
    this.bytesOfRows.takeBack();
  }

  private rowsOf(column: number) {
    const values = this.values[column]!;
    return Array.isArray(values) ? values.slice(0, this.rows) : values.subarray(0, this.rows);
  }

  /** Returns the file metadata of GeoParquet 1.1. `crs` is null, since pixels of a slide have no place on Earth. */
  private geo() {
    const { xmin, ymin, xmax, ymax } = this.extent;
    const empty = xmin > xmax;
    const bbox = [xmin, ymin, xmax, ymax].map((edge) => this.context.space.toLevel0(edge));
    return {
      version: '1.1.0',
      primary_column: 'outline',
      columns: {
        outline: { encoding: 'WKB', geometry_types: ['Polygon'], crs: null, ...(empty ? {} : { bbox }) },
      },
    };
  }
}

/**
 * Memory that is given out in pieces and taken back all at once. Ids and outlines are most of what a table holds. Each
 * row group reuses the memory of the one before.
 */
class Arena {
  private readonly chunks: Buffer[] = [];
  /** The chunk that pieces are taken from, and how many of its bytes are given out. */
  private chunk = 0;
  private used = 0;

  take(bytes: number): Buffer {
    if (bytes > chunkBytes) return Buffer.allocUnsafe(bytes);
    if (this.used + bytes > chunkBytes) {
      this.chunk++;
      this.used = 0;
    }
    const chunk = (this.chunks[this.chunk] ??= Buffer.allocUnsafeSlow(chunkBytes));
    this.used += bytes;
    return chunk.subarray(this.used - bytes, this.used);
  }

  takeBack(): void {
    this.chunk = 0;
    this.used = 0;
  }
}

/** Buffer that collects the bytes of a row group, then hands them to the file. */
class FileBytes extends ByteWriter {
  constructor(private readonly file: AtomicFile) {
    super(rowGroupBytes);
  }

  async flush(): Promise<void> {
    await this.file.write(this.getBytes());
    this.index = 0;
  }
}

const physicalTypes = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
  polygon: { type: 'BYTE_ARRAY' },
} as const;

const schema: WriterOptions['schema'] = [
  { name: 'nuclei', num_children: columns.length },
  ...columns.map(({ name, type }) => ({
    name,
    repetition_type: 'REQUIRED' as const,
    ...physicalTypes[type],
  })),
];

function valuesOf({ type }: Column): Values {
  if (type === 'float64') return new Float64Array(rowGroupSize);
  if (type === 'float32') return new Float32Array(rowGroupSize);
  return [];
}

function fileMetadata({ classes, metadata }: TableContext): Record<string, string> {
  return {
    ...metadata,
    'hoverslide.columns': JSON.stringify(columnMetadata()),
    'hoverslide.classes': JSON.stringify(tableClasses(classes)),
  };
}

function keyValues(entries: Record<string, string>): { key: string; value: string }[] {
  return Object.keys(entries)
    .sort()
    .map((key) => ({ key, value: entries[key]! }));
}
