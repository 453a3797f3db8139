import { z } from 'zod';
import { HoverslideError } from '../errors.js';
import { readFeatures } from '../features/feature-file.js';
import { ColumnFile } from '../table/column-file.js';
import type { TableFacts } from '../table/context.js';
import { footerHash } from '../table/footer-hash.js';
import type { SlideFolder } from '../table/slide-folder.js';
import type { ColumnName, ColumnView, RowView } from './messages.js';

const textSchema = z.array(
  z.object({ name: z.string(), type: z.string(), unit: z.string(), meaning: z.string() }),
);
type ColumnText = z.output<typeof textSchema>[number];

/** Bins of a histogram. */
const bins = 64;

/** Types of which every value is a float32 too, so that nothing is lost when a column is read as such. */
const numeric = new Set(['float32', 'int32']);

const idLength = 36;

interface Source {
  readonly file: ColumnFile;
  readonly columns: readonly ColumnText[];
}

/**
 * The columns of a finished slide's nuclei: of its table, and of what is around them, where that was made from the same
 * table. All methods throw HoverslideError `input` if a file cannot be read.
 */
export class NucleiColumns {
  readonly #views = new Map<string, Promise<ColumnView>>();

  private constructor(
    /** Hash of the table's footer. */
    readonly hash: string,
    /** The table first. */
    private readonly sources: readonly Source[],
  ) {}

  /**
   * Opens the columns of a slide. Whoever opens them closes them.
   * @throws HoverslideError `missing` if there is no table
   */
  static async open(folder: SlideFolder): Promise<NucleiColumns> {
    const path = folder.table('parquet');
    const hash = await footerHash(path);
    const sources = [await sourceOf(path)];
    try {
      const features = await readFeatures(folder.features).catch(() => undefined); // without it, context counts for nothing
      if (features?.made_from.table === hash) sources.push(await sourceOf(folder.context));
    } catch (error) {
      if (!(error instanceof HoverslideError)) throw error; // what is around nuclei is an addition
    }
    return new NucleiColumns(hash, sources);
  }

  async close(): Promise<void> {
    for (const { file } of this.sources) await file.close();
  }

  /** The table itself. */
  get table(): ColumnFile {
    return this.sources[0]!.file;
  }

  /** What the table says of its slide and model. @throws HoverslideError `input` if another version of hoverslide wrote it */
  get facts(): TableFacts {
    return this.table.facts;
  }

  /** Lists the columns of numbers that nuclei can be coloured and selected by. */
  names(): ColumnName[] {
    return this.sources.flatMap(({ columns }) => columns.filter(({ type }) => numeric.has(type)).map(nameOf));
  }

  /** Returns a column's bounds and histogram, over all rows with a finite value. @throws HoverslideError `usage` */
  view(name: string): Promise<ColumnView> {
    let view = this.#views.get(name);
    if (!view) {
      view = this.#view(name);
      this.#views.set(name, view);
      view.catch(() => this.#views.delete(name));
    }
    return view;
  }

  /**
   * Reads a row group of a column; NaN where there is no value.
   * @throws HoverslideError `usage` for a column or row group that there is not
   */
  async group(name: string, k: number): Promise<Float32Array> {
    const { file } = this.#sourceOf(name);
    if (!Number.isInteger(k) || k < 0 || k >= file.groups) {
      throw new HoverslideError('usage', `expected a row group from 0 to ${file.groups - 1}, found ${k}`);
    }
    return file.floats(name, k);
  }

  /** Reads all of a row but its outline. @throws HoverslideError `usage` for a row that there is not */
  async row(k: number): Promise<RowView> {
    if (!Number.isInteger(k) || k < 0 || k >= this.table.rowCount) {
      throw new HoverslideError('usage', `expected a row from 0 to ${this.table.rowCount - 1}, found ${k}`);
    }
    const values: RowView['values'][number][] = [];
    for (const { file, columns } of this.sources) {
      const group = file.groupOf(k);
      const at = k - file.starts[group]!;
      for (const column of columns) {
        if (column.type.startsWith('binary')) continue;
        const box = /^bbox_(\w+)_px$/.exec(column.name)?.[1]; // in the file they are one column of structs
        const stored = (await file.values(box === undefined ? column.name : 'bbox', group))[at];
        values.push({ ...nameOf(column), value: shown(box === undefined ? stored : (stored as Box)[box]) });
      }
    }
    return { row: k, values };
  }

  /** Finds a nucleus by its id, in small or capital letters. Its centroid is in level-0 px. */
  async find(id: string): Promise<{ row: number; x: number; y: number } | undefined> {
    const wanted = Buffer.from(id.toLowerCase(), 'latin1');
    if (wanted.length !== idLength) return undefined;
    const { table } = this;
    for (let group = 0; group < table.groups; group++) {
      let first = 0;
      for (const piece of await table.bytes('id', group)) {
        const at = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).indexOf(wanted);
        if (at >= 0) {
          const within = first + Math.floor(at / (4 + idLength)); // each id has its length before it
          const x = (await table.doubles('centroid_x_px', group))[within]!;
          const y = (await table.doubles('centroid_y_px', group))[within]!;
          return { row: table.starts[group]! + within, x, y };
        }
        first += piece.length / (4 + idLength);
      }
    }
    return undefined;
  }

  async #view(name: string): Promise<ColumnView> {
    const { file, column } = this.#sourceOf(name);
    let [min, max] = [Infinity, -Infinity];
    for (let k = 0; k < file.groups; k++) {
      for (const value of await file.floats(name, k)) {
        if (!Number.isFinite(value)) continue;
        if (value < min) min = value;
        if (value > max) max = value;
      }
    }
    const histogram = new Array<number>(bins).fill(0);
    if (min > max) return { ...nameOf(column), min: 0, max: 0, histogram };
    const scale = max > min ? bins / (max - min) : 0;
    for (let k = 0; k < file.groups; k++) {
      for (const value of await file.floats(name, k)) {
        if (Number.isFinite(value)) histogram[Math.min(bins - 1, Math.floor((value - min) * scale))]!++;
      }
    }
    return { ...nameOf(column), min, max, histogram };
  }

  #sourceOf(name: string): { file: ColumnFile; column: ColumnText } {
    for (const { file, columns } of this.sources) {
      const column = columns.find((each) => each.name === name && numeric.has(each.type));
      if (column) return { file, column };
    }
    const known = this.names().map((each) => each.name);
    throw new HoverslideError('usage', `expected a column (${known.join(', ')}), found '${name}'`);
  }
}

type Box = Readonly<Record<string, number>>;

async function sourceOf(path: string): Promise<Source> {
  const file = await ColumnFile.open(path);
  try {
    const columns = textSchema.parse(JSON.parse(file.metadata['hoverslide.columns'] ?? ''));
    return { file, columns };
  } catch (cause) {
    await file.close();
    throw new HoverslideError('input', `${path}: expected a table that hoverslide wrote`, { cause });
  }
}

function nameOf({ name, unit, meaning }: ColumnText): ColumnName {
  return { name, unit, meaning };
}

/** Returns a value as JSON can hold it: null where there is none. */
function shown(value: unknown): string | number | null {
  if (typeof value === 'string') return value;
  const number = Number(value ?? NaN);
  return Number.isFinite(number) ? number : null;
}
