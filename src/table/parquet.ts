import type { ColumnSource } from 'hyparquet-writer';
import type { Polygon } from '../geometry/polygon.js';
import { type Column, columns } from './columns.js';
import type { TableFacts } from './context.js';
import type { TableWriter } from './writer.js';
import { fileMetadata } from './metadata.js';
import { toWkb } from './outline.js';
import { ParquetFile, type ParquetSchema, rowGroupSize } from './parquet-file.js';
import type { Rows } from './rows.js';

const chunkBytes = 1 << 20;

type Values = Float64Array | Float32Array | string[] | Buffer[];

/**
 * Opens a GeoParquet 1.1 table, compressed with Zstandard. Memory holds one row group. The bounding boxes are a struct,
 * which the metadata names as the outlines' covering: readers skip row groups that lie outside of what they look for.
 */
export async function openParquet(path: string, facts: TableFacts): Promise<TableWriter> {
  return new ParquetTable(await ParquetFile.open(path, schema, facts.version), facts);
}

class ParquetTable implements TableWriter {
  private readonly values: Values[] = columns.map(valuesOf);
  private rows = 0;
  private readonly bytesOfRows = new Arena();
  private readonly extent = { xmin: Infinity, ymin: Infinity, xmax: -Infinity, ymax: -Infinity };

  constructor(
    private readonly file: ParquetFile,
    private readonly facts: TableFacts,
  ) {}

  async write(rows: Rows): Promise<void> {
    for (let from = 0; from < rows.count;) {
      const end = Math.min(rows.count, from + rowGroupSize - this.rows);
      this.append(rows, from, end);
      from = end;
      if (this.rows === rowGroupSize) await this.writeRowGroup();
    }
  }

  async close(): Promise<void> {
    if (this.rows > 0) await this.writeRowGroup();
    // The extent is known only now.
    await this.file.close({ ...fileMetadata(this.facts), geo: JSON.stringify(this.geo()) });
  }

  async abort(): Promise<void> {
    await this.file.abort();
  }

  private append(rows: Rows, from: number, end: number): void {
    columns.forEach((column, c) => {
      const values = this.values[c]!;
      const given = rows[column.name];
      if (Array.isArray(given)) {
        for (let k = from; k < end; k++) values[this.rows + k - from] = this.stored(column, given[k]!);
      } else {
        (values as Float64Array).set(given.subarray(from, end), this.rows);
      }
    });
    const { extent } = this;
    for (let k = from; k < end; k++) {
      extent.xmin = Math.min(extent.xmin, rows.bbox_xmin_px[k]!);
      extent.ymin = Math.min(extent.ymin, rows.bbox_ymin_px[k]!);
      extent.xmax = Math.max(extent.xmax, rows.bbox_xmax_px[k]!);
      extent.ymax = Math.max(extent.ymax, rows.bbox_ymax_px[k]!);
    }
    this.rows += end - from;
  }

  /**
   * Returns a text or outline as the writer takes it. Text that differs from row to row becomes bytes, since strings
   * would be encoded one by one.
   */
  private stored({ name }: Column, value: string | Polygon): string | Buffer {
    if (typeof value === 'object') return toWkb(value, (bytes) => this.bytesOfRows.take(bytes));
    if (categories.has(name)) return value;
    const bytes = this.bytesOfRows.take(value.length);
    bytes.write(value, 'latin1');
    return bytes;
  }

  private async writeRowGroup(): Promise<void> {
    const columnData = columns.flatMap((column, c): ColumnSource[] => {
      if (c === boxPlace) return [{ name: 'bbox', encoding: 'PLAIN', data: this.boxes() }];
      return 'edge' in column ? [] : [{ ...settingsOf(column), data: this.rowsOf(c) }];
    });
    await this.file.writeRowGroup(columnData);
    this.rows = 0;
    this.bytesOfRows.takeBack();
  }

  private rowsOf(column: number) {
    const values = this.values[column]!;
    return Array.isArray(values) ? values.slice(0, this.rows) : values.subarray(0, this.rows);
  }

  /** Returns the bounding boxes as the structs that the writer takes. */
  private boxes(): Record<string, number>[] {
    const values = edges.map(({ edge, place }) => [edge, this.values[place] as Float64Array] as const);
    return Array.from({ length: this.rows }, (_, k) => {
      const box: Record<string, number> = {};
      for (const [edge, of] of values) box[edge] = of[k]!;
      return box;
    });
  }

  /** Returns the file metadata of GeoParquet 1.1. `crs` is null, since pixels of a slide have no place on Earth. */
  private geo() {
    const { xmin, ymin, xmax, ymax } = this.extent;
    const empty = xmin > xmax;
    return {
      version: '1.1.0',
      primary_column: 'outline',
      columns: {
        outline: {
          encoding: 'WKB',
          geometry_types: ['Polygon'],
          crs: null,
          ...(empty ? {} : { bbox: [xmin, ymin, xmax, ymax] }),
          covering: { bbox: Object.fromEntries(edges.map(({ edge }) => [edge, ['bbox', edge]])) },
        },
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

const physicalTypes = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
  polygon: { type: 'BYTE_ARRAY' },
} as const;

const edges = columns.flatMap((column, place) => ('edge' in column ? [{ edge: column.edge, place }] : []));
/** Place of the struct among the columns of the file: that of its first edge. */
const boxPlace = edges[0]!.place;
/** Columns of a few different texts, which a dictionary suits. */
const categories: ReadonlySet<string> = new Set(['class', 'quality']);

const required = { repetition_type: 'REQUIRED' } as const;
const fields = columns.map((column) => ({
  name: 'edge' in column ? column.edge : column.name,
  ...required,
  ...physicalTypes[column.type],
}));
const schema: ParquetSchema = [
  { name: 'nuclei', num_children: columns.length - edges.length + 1 },
  ...fields.slice(0, boxPlace),
  { name: 'bbox', ...required, num_children: edges.length },
  ...fields.slice(boxPlace),
];

/** Bounds of ids and outlines serve no query. */
function settingsOf({ name, type }: Column) {
  return {
    name,
    statistics: name !== 'id' && type !== 'polygon',
    encoding: categories.has(name) ? ('RLE_DICTIONARY' as const) : ('PLAIN' as const),
  };
}

function valuesOf({ type }: Column): Values {
  if (type === 'float64') return new Float64Array(rowGroupSize);
  if (type === 'float32') return new Float32Array(rowGroupSize);
  return [];
}
