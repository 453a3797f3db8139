import { HoverslideError } from '../errors.js';
import { ColumnFile } from '../table/column-file.js';
import type { TableFacts } from '../table/context.js';
import { footerHash } from '../table/footer-hash.js';
import { rowGroupSize } from '../table/parquet-file.js';
import { qualityFlags } from '../table/quality.js';
import { encodeDensity } from './density.js';
import { DensityCounter, finestCell, pyramid } from './density-grids.js';
import type { DensityGrid, OverlayDirectory } from './layout.js';
import { LeafBuffer, type Reach } from './leaf-buffer.js';
import { OverlayFile } from './overlay-file.js';
import { Quadtree } from './quadtree.js';
import { WkbOutlines } from './wkb-outlines.js';

const qualities = ['ok', ...qualityFlags.map(({ name }) => name)];

/** The nuclei of a row group: where they are, and the places of class and quality in the directory's lists. */
interface Nuclei {
  readonly first: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly classes: Uint8Array;
  readonly qualities: Uint8Array;
}

/**
 * Makes `nuclei.overlay` from a finished table, in two passes over its row groups: first where all nuclei are, then their
 * outlines. A leaf is written when its last nucleus has come; since rows are in Z-order, few are open at any time, and memory
 * does not grow with the slide but for the counts of its cells. The same table gives the same bytes.
 * @param unit level-0 px of which the outlines' coordinates are whole multiples; they come back exactly as float32 if they
 *   are not, in more bytes
 * @throws HoverslideError `missing` or `input` if the table cannot be read or was replaced meanwhile, `output`
 */
export async function writeOverlay(tablePath: string, unit: number, path: string): Promise<void> {
  const hash = await footerHash(tablePath);
  const columns = await ColumnFile.open(tablePath);
  try {
    const { facts } = columns;
    const file = await OverlayFile.open(path);
    try {
      const directory = await writeBlocks(file, new TablePass(columns, facts), unit);
      if ((await footerHash(tablePath)) !== hash) {
        throw new HoverslideError('input', `${tablePath}: a run has replaced it meanwhile: try again`);
      }
      await file.close({ table: hash, ...directory });
    } catch (error) {
      await file.abort();
      throw error;
    }
  } finally {
    await columns.close();
  }
}

async function writeBlocks(
  file: OverlayFile,
  table: TablePass,
  unit: number,
): Promise<Omit<OverlayDirectory, 'table' | 'blocks'>> {
  const { slide, classes } = table.facts;
  const finest = new DensityCounter(finestCell(slide.mpp), classes.length + 1);
  let far = Math.max(slide.width, slide.height, finest.cell - 1);
  for (let group = 0; group < table.columns.groups; group++) {
    const nuclei = await table.nuclei(group);
    for (let k = 0; k < nuclei.x.length; k++) {
      const [x, y] = [nuclei.x[k]!, nuclei.y[k]!];
      far = Math.max(far, x, y);
      finest.add(nuclei.qualities[k] === 0 ? nuclei.classes[k]! : classes.length, x, y);
    }
  }
  const side = 2 ** (Math.floor(Math.log2(far)) + 1);
  const grids = pyramid(finest, side);
  const tree = new Quadtree(side, grids);
  const densities: DensityGrid[] = [];
  for (const grid of grids) densities.push(await writeGrid(file, grid));
  return {
    nuclei: table.columns.rowCount,
    rowGroup: table.rowGroup,
    side,
    classes: classes.map(({ id }) => id),
    qualities,
    leaves: await writeLeaves(file, table, tree, unit),
    densities,
  };
}

/** Writes the tiles of a grid, by rows. Their memory is free then. */
async function writeGrid(file: OverlayFile, { cell, tiles }: DensityCounter): Promise<DensityGrid> {
  const sorted = [...tiles.values()].sort((a, b) => a.j - b.j || a.i - b.i);
  tiles.clear();
  const block = [];
  for (const tile of sorted) block.push(await file.block(encodeDensity(tile)));
  return { cell, i: sorted.map(({ i }) => i), j: sorted.map(({ j }) => j), block };
}

async function writeLeaves(
  file: OverlayFile,
  table: TablePass,
  tree: Quadtree,
  unit: number,
): Promise<OverlayDirectory['leaves']> {
  const open = new Map<number, LeafBuffer>();
  const written: (Reach & { readonly block: number })[] = [];
  for (let group = 0; group < table.columns.groups; group++) {
    const nuclei = await table.nuclei(group);
    const outlines = new WkbOutlines(await table.columns.bytes('outline', group));
    for (let k = 0; k < nuclei.x.length; k++) {
      const [x, y] = [nuclei.x[k]!, nuclei.y[k]!];
      const leaf = tree.leafAt(x, y);
      let buffer = open.get(leaf.place);
      if (!buffer) open.set(leaf.place, (buffer = new LeafBuffer(leaf, unit)));
      buffer.add(
        { x, y, row: nuclei.first + k, place: nuclei.classes[k]!, quality: nuclei.qualities[k]! },
        outlines,
      );
      if (!buffer.isFull) continue;
      open.delete(leaf.place);
      const { points, outlines: lines, reach } = buffer.end();
      written[leaf.place] = { ...reach, block: await file.block(points) };
      await file.block(lines);
    }
  }
  const of = <T>(values: readonly T[], name: keyof T) => values.map((each) => each[name] as number);
  return {
    depth: of(tree.leaves, 'depth'),
    i: of(tree.leaves, 'i'),
    j: of(tree.leaves, 'j'),
    count: of(tree.leaves, 'count'),
    left: of(written, 'left'),
    top: of(written, 'top'),
    right: of(written, 'right'),
    bottom: of(written, 'bottom'),
    block: of(written, 'block'),
  };
}

/** Reads of a table what the overlay needs of all its nuclei. */
class TablePass {
  readonly #classes: ReadonlyMap<unknown, number>;
  readonly #qualities = new Map<unknown, number>(qualities.map((name, place) => [name, place]));

  constructor(
    readonly columns: ColumnFile,
    readonly facts: TableFacts,
  ) {
    this.#classes = new Map(facts.classes.map(({ name }, place) => [name, place]));
  }

  /** Rows of a row group; of an empty table, those that one would have. */
  get rowGroup(): number {
    const { starts, groups } = this.columns;
    const [, size = rowGroupSize] = starts;
    const wrong = starts.findIndex((start, k) => k < groups && start !== k * size);
    if (wrong < 0) return size;
    throw this.#unexpected(
      `row groups of ${size} rows`,
      `one of ${starts[wrong]! - starts[wrong - 1]!} rows before the last`,
    );
  }

  async nuclei(group: number): Promise<Nuclei> {
    const { columns } = this;
    const x = await columns.doubles('centroid_x_px', group);
    const y = await columns.doubles('centroid_y_px', group);
    for (const values of [x, y]) {
      const wrong = values.find((value) => !(value >= 0 && value < 2 ** 31));
      if (wrong !== undefined) throw this.#unexpected('centroids on the slide', String(wrong));
    }
    return {
      first: columns.starts[group]!,
      x,
      y,
      classes: await this.#places('class', group, this.#classes),
      qualities: await this.#places('quality', group, this.#qualities),
    };
  }

  async #places(name: string, group: number, places: ReadonlyMap<unknown, number>): Promise<Uint8Array> {
    const values = await this.columns.values(name, group);
    const found = new Uint8Array(values.length);
    for (let k = 0; k < found.length; k++) {
      const place = places.get(values[k]);
      if (place === undefined) {
        throw this.#unexpected(`in ${name} one of ${[...places.keys()].join(', ')}`, String(values[k]));
      }
      found[k] = place;
    }
    return found;
  }

  #unexpected(what: string, found: string): HoverslideError {
    return new HoverslideError('input', `${this.columns.path}: expected ${what}, found ${found}`);
  }
}
