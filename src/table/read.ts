import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import {
  asyncBufferFromFile,
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetScan,
} from 'hyparquet';
import { HoverslideError } from '../errors.js';
import type { Polygon } from '../geometry/polygon.js';
import { type ColumnName, columns } from './columns.js';
import type { NucleusClass } from './context.js';
import { fromWkb } from './outline.js';
import { zstd } from './zstd.js';

interface ValuesOf {
  string: string[];
  float32: Float32Array;
  float64: Float64Array;
  /** Polygons in level-0 px: shell first, then holes, each closed by its first vertex. */
  polygon: Polygon[];
}

type AllValues = { [C in (typeof columns)[number] as C['name']]: ValuesOf[C['type']] };

/** Some rows of a table, column by column. Entry k of every column is nucleus k. */
export type Rows<Name extends ColumnName = ColumnName> = { readonly count: number } & {
  readonly [N in Name]: AllValues[N];
};

/** A nucleus table on disk. */
export class NucleusTable {
  private constructor(
    readonly path: string,
    private readonly file: AsyncBuffer,
    private readonly footer: FileMetaData,
  ) {}

  /**
   * Opens a table that hoverslide wrote (Parquet).
   * @throws HoverslideError `missing` if there is none, `input` if the file is anything else.
   */
  static async open(path: string): Promise<NucleusTable> {
    await access(path, constants.R_OK).catch((cause: unknown) => {
      throw new HoverslideError('missing', `cannot read the table ${path}: not there, or not readable`, {
        cause,
      });
    });
    const { file, footer } = await reading(path, async () => {
      const file = await asyncBufferFromFile(path);
      return { file, footer: await parquetMetadataAsync(file, { geoparquet: false }) };
    });
    const found = new Set(footer.schema.map(({ name }) => name));
    const absent = columns.filter(({ name }) => !found.has(name)).map(({ name }) => name);
    if (absent.length > 0) {
      throw new HoverslideError(
        'input',
        `${path} is not a nucleus table: it has no column ${absent.join(', ')}`,
      );
    }
    return new NucleusTable(path, file, footer);
  }

  get rowCount(): number {
    return Number(this.footer.num_rows);
  }

  /** The file's key-value metadata. */
  get metadata(): Record<string, string> {
    const entries = this.footer.key_value_metadata ?? [];
    return Object.fromEntries(entries.map(({ key, value }) => [key, value ?? '']));
  }

  /** Classes that nuclei of this table may have, in the order of summaries. */
  get classes(): NucleusClass[] {
    return JSON.parse(this.metadata['hoverslide.classes'] ?? '[]') as NucleusClass[];
  }

  /**
   * Reads the rows in order, one row group (16,384 rows) at a time.
   * @param names columns to read; all of them by default
   */
  async *rowGroups<Name extends ColumnName = ColumnName>(
    names: readonly Name[] = columns.map(({ name }) => name) as unknown as readonly Name[],
  ): AsyncGenerator<Rows<Name>> {
    const { decompress } = await zstd();
    const scan = await reading(this.path, () =>
      parquetScan({
        file: this.file,
        metadata: this.footer,
        columns: [...names],
        compressors: { ZSTD: decompress },
        utf8: false,
      }),
    );
    for (const { rowStart, rowEnd } of scan.ranges) {
      const values: [string, unknown][] = [];
      for (const name of names) {
        const stored = await reading(this.path, () => scan.readColumn({ column: name, rowStart, rowEnd }));
        values.push([name, fromStored(name, stored)]);
      }
      yield Object.fromEntries([['count', rowEnd - rowStart], ...values]) as Rows<Name>;
    }
  }
}

function fromStored(name: ColumnName, stored: ArrayLike<unknown>): unknown {
  const { type } = columns.find((column) => column.name === name)!;
  if (type === 'float32') return Float32Array.from(stored as ArrayLike<number>);
  if (type === 'float64') return Float64Array.from(stored as ArrayLike<number>);
  if (type === 'polygon') return Array.from(stored as ArrayLike<Uint8Array>, fromWkb);
  return Array.from(stored);
}

async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new HoverslideError(
      'input',
      `${path} cannot be read as a Parquet table: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}
