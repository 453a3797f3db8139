import { constants } from 'node:fs';
import { access, type FileHandle, open } from 'node:fs/promises';
import {
  asyncBufferFromFile,
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetScan,
} from 'hyparquet';
import { HoverslideError } from '../errors.js';
import { type Column, type ColumnName, columns } from './columns.js';
import type { NucleusClass, TableFacts } from './context.js';
import { entriesOf, factsOf } from './metadata.js';
import { fromWkb } from './outline.js';
import { reading } from './parquet-error.js';
import type { Rows } from './rows.js';
import { zstd } from './zstd.js';

/** A rectangle in level-0 px. */
interface Window {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

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
    const absent = columns.map(storedName).filter((name) => !found.has(name));
    if (absent.length > 0) {
      throw new HoverslideError(
        'input',
        `${path}: expected a nucleus table of this version of hoverslide, found one without ${[...new Set(absent)].join(', ')}`,
      );
    }
    return new NucleusTable(path, file, footer);
  }

  get rowCount(): number {
    return Number(this.footer.num_rows);
  }

  /** The file's key-value metadata. */
  get metadata(): Record<string, string> {
    return entriesOf(this.footer);
  }

  /**
   * What the table says of its slide and model.
   * @throws HoverslideError `input` if another version of hoverslide wrote it
   */
  get facts(): TableFacts {
    return factsOf(this.path, this.metadata);
  }

  /** Classes that nuclei of this table may have, in the order of summaries. */
  get classes(): readonly NucleusClass[] {
    return this.facts.classes;
  }

  /**
   * Reads the rows in order, one row group (8,192 rows) at a time.
   * @param names columns to read; all of them by default
   * @param wanted where centroids are wanted: row groups without any in it are not read, of those that are read all rows
   *   come; or the numbers of the row groups
   */
  async *rowGroups<Name extends ColumnName = ColumnName>(
    names: readonly Name[] = columns.map(({ name }) => name) as unknown as readonly Name[],
    wanted?: Window | ReadonlySet<number>,
  ): AsyncGenerator<Rows<Name>> {
    const { decompress } = await zstd();
    // The library would open the file again for each column of each row group.
    const handle = await reading(this.path, () => open(this.path));
    try {
      yield* this.#rowGroupsOf(bufferOf(handle, this.file.byteLength), decompress, names, wanted);
    } finally {
      await handle.close();
    }
  }

  async *#rowGroupsOf<Name extends ColumnName>(
    file: AsyncBuffer,
    decompress: (bytes: Uint8Array, size: number) => Uint8Array,
    names: readonly Name[],
    wanted: Window | ReadonlySet<number> | undefined,
  ): AsyncGenerator<Rows<Name>> {
    const scan = await reading(this.path, () =>
      parquetScan({
        file,
        metadata: this.footer,
        columns: [...new Set(names.map((name) => storedName(columnOf(name))))],
        compressors: { ZSTD: decompress },
        utf8: false,
      }),
    );
    let rowStart = 0;
    for (const [place, group] of this.footer.row_groups.entries()) {
      const rowEnd = rowStart + Number(group.num_rows);
      const read = wanted === undefined || ('left' in wanted ? mayHold(group, wanted) : wanted.has(place));
      if (read) {
        const values: [string, unknown][] = [];
        for (const name of names) {
          const column = columnOf(name);
          const range = { column: storedName(column), rowStart, rowEnd };
          const stored = await reading(this.path, () => scan.readColumn(range));
          values.push([name, fromStored(column, stored)]);
        }
        yield Object.fromEntries([['count', rowEnd - rowStart], ...values]) as Rows<Name>;
      }
      rowStart = rowEnd;
    }
  }
}

function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      if (bytesRead < bytes.length) throw new Error(`it ends before byte ${end}`);
      return bytes.buffer;
    },
  };
}

function columnOf(name: ColumnName): Column {
  return columns.find((column) => column.name === name)!;
}

/** Returns the name of the column in the file that holds a column of the table. */
function storedName(column: Column): string {
  return 'edge' in column ? 'bbox' : column.name;
}

/** Returns whether a row group may hold centroids in a window, by the statistics of its columns. */
function mayHold({ columns: chunks }: FileMetaData['row_groups'][number], window: Window): boolean {
  const within = (name: ColumnName, low: number, high: number) => {
    const of = chunks.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data?.statistics;
    return !(Number(of?.max_value) < low || Number(of?.min_value) > high);
  };
  return (
    within('centroid_x_px', window.left, window.right) && within('centroid_y_px', window.top, window.bottom)
  );
}

function fromStored(column: Column, stored: ArrayLike<unknown>): unknown {
  if ('edge' in column) {
    const { edge } = column;
    return Float64Array.from(stored as ArrayLike<Record<string, number>>, (box) => box[edge]!);
  }
  const { type } = column;
  if (type === 'float32') return Float32Array.from(stored as ArrayLike<number>);
  if (type === 'float64') return Float64Array.from(stored as ArrayLike<number>);
  if (type === 'polygon') return Array.from(stored as ArrayLike<Uint8Array>, fromWkb);
  return Array.from(stored);
}
