import type { SlideNuclei, TileSums } from '../addon.js';
import { HoverslideError, errorLine } from '../errors.js';
import type { Polygon } from '../geometry/polygon.js';
import { addon } from '../native.js';
import type { NucleusTable } from '../table/read.js';
import type { Rows } from '../table/rows.js';
import { blocksOf, frontReach, perBlock, tumourAreas } from './areas.js';
import {
  measureColumns,
  type Aggregate,
  type NucleiAround,
  type SlideAround,
  type SlideContext,
  type TumourAround,
} from './around.js';
import { contextBlock } from './block.js';
import { blockSide, radii, tileSide } from './columns.js';
import { placeColumns, placesOf, type RoleClass } from './nuclei-columns.js';
import { roles, rolesOf, type Role } from './roles.js';
import { cellsOf, type TissueGrid } from './tissue-grid.js';
import { tilesOf } from './tiles.js';

const allColumns = [...placeColumns, ...measureColumns.filter((name) => name !== 'orientation_rad')] as const;

/** Row groups whose surroundings are being found while the next one is read. */
const ahead = 3;

/** Side of the cells by which the area of an aggregate is measured, in um (native/context/nuclei_index.h). */
const indexCell = 20;
/** Unit of the weights of pairs, which the addon gives as whole numbers. */
const weightUnit = 2 ** 30;

export interface ContextInput {
  readonly table: NucleusTable;
  /** Classes of the model's card, with their roles. */
  readonly classes: readonly RoleClass[];
  readonly tissue: TissueGrid;
  /** Tumour as the user outlines it, in level-0 px; by default it is derived from the nuclei. */
  readonly tumour?: readonly Polygon[] | undefined;
}

/**
 * Reads where all nuclei of a table are, and finds the tumour. Memory holds 24 bytes of each nucleus, and a row group.
 * @throws HoverslideError `input` if the table cannot be read, or has nuclei that are not on the slide
 */
export async function openSlideContext(input: ContextInput): Promise<SlideContext> {
  const { table, tissue } = input;
  const { width, height, mpp } = tissue.size;
  const places = placesOf(table, input.classes);
  const nuclei = new (addon().SlideNuclei)(
    width * mpp,
    height * mpp,
    table.rowCount,
    tissue.mask,
    tissue.columns,
  );
  try {
    for await (const rows of table.rowGroups(placeColumns)) nuclei.add(...places(rows));
    await nuclei.prepare();
  } catch (error) {
    nuclei.release();
    if (!(error instanceof RangeError)) throw error;
    throw new HoverslideError('input', `${table.path}: ${errorLine(error)}`, { cause: error });
  }
  const tumour = await findTumour(nuclei, input);
  return new OpenSlideContext(input, places, nuclei, tumour);
}

interface Tumour {
  readonly region: Uint8Array;
  readonly around: TumourAround;
}

async function findTumour(nuclei: SlideNuclei, input: ContextInput): Promise<Tumour | undefined> {
  const { tissue, classes } = input;
  const given = input.tumour && cellsOf(input.tumour, tissue);
  if (!given && !rolesOf(classes).includes('tumour')) return undefined;
  const region = given?.map((inside, cell) => inside & tissue.mask[cell]!) ?? (await nuclei.derivedTumour());
  const distance = await nuclei.setTumour(region);
  return { region, around: tumourAreas(tissue, region, distance, given ? 'file' : 'nuclei') };
}

/** A slide whose nuclei are all known. */
class OpenSlideContext implements SlideContext {
  readonly roles: readonly Role[];
  readonly #blocks: { columns: number; rows: number };
  readonly #tiles: TileSums;
  readonly #pairs: Float64Array;
  readonly #weights: Float64Array;
  #whole: SlideAround | undefined;

  constructor(
    private readonly input: ContextInput,
    private readonly places: ReturnType<typeof placesOf>,
    private readonly nuclei: SlideNuclei,
    private readonly tumour: Tumour | undefined,
  ) {
    this.roles = rolesOf(input.classes);
    const { width, height, mpp } = input.tissue.size;
    this.#tiles = new (addon().TileSums)(width * mpp, height * mpp, tileSide);
    this.#blocks = blocksOf(input.tissue);
    this.#pairs = new Float64Array(this.#blocks.columns * this.#blocks.rows);
    this.#weights = new Float64Array(this.#pairs.length);
  }

  async *rowGroups(): AsyncGenerator<NucleiAround> {
    const waiting: Promise<NucleiAround>[] = [];
    for await (const rows of this.input.table.rowGroups(allColumns)) {
      const next = this.#around(rows);
      next.catch(() => {}); // a failure is seen when its turn comes
      waiting.push(next);
      if (waiting.length > ahead) yield await waiting.shift()!;
    }
    for (const each of waiting) yield await each;
    this.#whole = this.#finish();
  }

  whole(): SlideAround {
    if (!this.#whole) throw new Error('the slide as a whole is known after its last row group');
    return this.#whole;
  }

  /** Gives the memory of the nuclei back. */
  close(): void {
    this.nuclei.release();
  }

  async #around(rows: Rows<(typeof allColumns)[number]>): Promise<NucleiAround> {
    const columns = this.places(rows);
    const [x, y, , role, classIndex, used] = columns;
    const found = await this.nuclei.around(...columns);
    this.#tiles.add(...columns, rows.area_um2, rows.hematoxylin_od_mean);
    const blockId = new Int32Array(rows.count).fill(-1);
    const immune = found.within[radii.indexOf(50)]![roles.indexOf('immune')]!;
    const tumour = roles.indexOf('tumour');
    for (let k = 0; k < rows.count; k++) {
      if (!used[k]) continue;
      const block = this.#blockOf(x[k]!, y[k]!);
      blockId[k] = block;
      if (role[k] !== tumour) continue;
      this.#weights[block]! += found.crossWeight[k]!;
      this.#pairs[block]! += immune[k]!;
    }
    const context = contextBlock(found, blockId, this.roles);
    return { count: rows.count, used, x, y, role, classIndex, columns: rows, context };
  }

  #blockOf(x: number, y: number): number {
    const { columns, rows } = this.#blocks;
    return (
      Math.min(Math.floor(y / blockSide), rows - 1) * columns +
      Math.min(Math.floor(x / blockSide), columns - 1)
    );
  }

  #finish(): SlideAround {
    const { tissue } = this.input;
    const { nuclei, place, tumourEdge } = this.nuclei.buds;
    const buds = new Float64Array(this.#pairs.length);
    const isolated = new Float64Array(this.#pairs.length);
    nuclei.forEach((count, k) => {
      const block = this.#blockOf(place[2 * k]!, place[2 * k + 1]!);
      if (Math.abs(tumourEdge[k]!) <= frontReach) buds[block]!++;
      if (count === 1) isolated[block]!++;
    });
    return {
      roles: this.roles,
      blocks: this.#blocks,
      tissue: perBlock(tissue, (cell) => tissue.mm2[cell]!),
      tumour: this.tumour?.around,
      tiles: tilesOf(tissue, this.tumour?.region, this.#tiles.sums(), this.roles),
      aggregates: this.nuclei.aggregates.map((each, id): Aggregate => ({
        id,
        nuclei: each.nuclei,
        areaUm2: each.cells * indexCell ** 2,
        block: this.#blockOf(each.x, each.y),
      })),
      budsPerBlock: buds,
      isolatedTumourPerBlock: isolated,
      crossK: { pairsPerBlock: this.#pairs, weightPerBlock: this.#weights.map((sum) => sum / weightUnit) },
    };
  }
}
