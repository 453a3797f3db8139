import { frontReach, stromaReach } from '../context/areas.js';
import type { NucleiAround } from '../context/around.js';
import { tileSide } from '../context/columns.js';
import { noRole, roles } from '../context/roles.js';
import { BlockSums } from './block-sums.js';
import { Counts } from './counts.js';
import { kmStepOf } from './kaplan-meier.js';
import { classTable, type MeasureName, measureNames, measures } from './measures.js';
import { areaSums, nucleusSums, pairRadii, pairs } from './sums.js';
import { tileInBlock } from './tile-set.js';

const roleIndex = Object.fromEntries(roles.map((role, index) => [role, index])) as Record<
  (typeof roles)[number],
  number
>;

type Wanted = (nuclei: NucleiAround, k: number) => boolean;

/** Distance in um within which an immune nucleus counts as touching the tumour. */
export const contactReach = 20;

/** Distance in um to the next tumour nucleus from which on one is isolated. */
const isolatedFrom = 30;

/**
 * Sums of nuclei, portion by portion, in any order: all are whole numbers, so that neither the order of rows nor their
 * portions can change a result. Memory grows with the tissue and the number of different values, not with the nuclei.
 */
export class Gathered {
  readonly sums: BlockSums;
  readonly counts = Object.fromEntries(
    measureNames.map((name) => [name, new Counts(measures[name].perUnit)]),
  ) as Record<MeasureName, Counts>;
  readonly #measured: readonly Measured[];

  /**
   * @param classes number of class ids of the model's card
   * @param inside which nuclei are there at all: those of a region; all by default
   * @param sure which of them are described; the others are but their neighbours
   */
  constructor(
    classes: number,
    private readonly inside: Wanted = () => true,
    private readonly sure: Wanted = () => true,
  ) {
    this.sums = new BlockSums([...nucleusSums(classes), ...areaSums]);
    this.#measured = measureNames.map((name) => new Measured(name, this.sums, this.counts[name]));
  }

  /** Adds the nuclei of a portion that count. */
  add(nuclei: NucleiAround): void {
    const rows = this.#rowsOf(nuclei);
    this.#count(nuclei, rows);
    this.#place(nuclei, rows);
    const values = valuesOf(nuclei);
    this.#measured.forEach((measured, m) => {
      const of = values[m];
      if (of) measured.add(nuclei.role, of, rows);
    });
    this.#pair(nuclei, rows);
  }

  /** Finds the sums that each nucleus adds to; undefined for those that are not described. */
  #rowsOf(nuclei: NucleiAround): (Float64Array | undefined)[] {
    const { count, used, role, context } = nuclei;
    const there = this.sums.column('there.typed');
    let block = -1;
    let row: Float64Array | undefined;
    return Array.from({ length: count }, (_, k) => {
      if (!used[k] || !this.inside(nuclei, k)) return undefined;
      if (!row || context.block_id[k] !== block) {
        block = context.block_id[k]!;
        row = this.sums.row(block);
      }
      if (role[k]! < roles.length) {
        row[there]!++;
        row[there + 1 + role[k]!]!++;
      }
      return this.sure(nuclei, k) ? row : undefined;
    });
  }

  #count({ x, y, role, classIndex }: NucleiAround, rows: readonly (Float64Array | undefined)[]): void {
    const at = (name: string) => this.sums.column(name);
    const [nuclei, typed, firstRole] = [at('nuclei'), at('typed'), at(`n.${roles[0]}`)];
    const [firstClass, firstTile] = [at('of_class.0'), at('tile.0.all')];
    rows.forEach((row, k) => {
      if (!row) return;
      const its = role[k]!;
      const tile =
        firstTile +
        (roles.length + 1) * tileInBlock(Math.floor(x[k]! / tileSide), Math.floor(y[k]! / tileSide));
      row[nuclei]!++;
      row[firstClass + classIndex[k]!]!++;
      row[tile]!++;
      if (its >= roles.length) return;
      row[typed]!++;
      row[firstRole + its]!++;
      row[tile + 1 + its]!++;
    });
  }

  /** Counts where nuclei lie: in, at and beyond the tumour, near each other, near the tissue's edge. */
  #place({ role, context }: NucleiAround, rows: readonly (Float64Array | undefined)[]): void {
    const at = (name: string) => this.sums.column(name);
    const immune = {
      near: at('immune.near_tumour'),
      inside: at('immune.inside'),
      deep: at('immune.deep'),
      peritumoural: at('immune.peritumoural'),
      front: at('immune.front'),
      aggregated: at('immune.aggregated'),
      associated: at('associated.immune'),
    };
    const [stromal, isolated] = [at('associated.stromal'), at('tumour.isolated')];
    const [ended, found] = [at('ended.0'), at('found.0')];
    const { tumour_edge_um: edges, tissue_edge_um: borders, aggregate_id: aggregates } = context;
    const { nearest_immune_um: toImmune, nearest_tumour_um: toTumour } = context;
    rows.forEach((row, k) => {
      if (!row) return;
      const edge = edges[k]!;
      if (role[k] === roleIndex.immune) {
        if (toTumour && toTumour[k]! <= contactReach) row[immune.near]!++;
        if (edge < 0) row[immune.inside]!++;
        if (edge < -frontReach) row[immune.deep]!++;
        if (edge >= 0 && edge <= frontReach) row[immune.peritumoural]!++;
        if (Math.abs(edge) <= frontReach) row[immune.front]!++;
        if (edge >= 0 && edge <= stromaReach) row[immune.associated]!++;
        if (aggregates[k]! >= 0) row[immune.aggregated]!++;
      } else if (role[k] === roleIndex.stromal) {
        if (edge >= 0 && edge <= stromaReach) row[stromal]!++;
      } else if (role[k] === roleIndex.tumour) {
        if (!(toTumour![k]! <= isolatedFrom)) row[isolated]!++;
        if (!toImmune) return;
        const [border, neighbour] = [borders[k]!, toImmune[k]!];
        const step = kmStepOf(neighbour <= border ? neighbour : border);
        row[ended + step]!++;
        if (neighbour <= border) row[found + step]!++;
      }
    });
  }

  /** Counts the neighbours of nuclei by role. */
  #pair({ role, context }: NucleiAround, rows: readonly (Float64Array | undefined)[]): void {
    for (const radius of pairRadii) {
      const all = this.sums.column(`pairs.all.${radius}`);
      for (const to of roles) {
        const neighbours = context[`n_${to}_${radius}um`];
        if (!neighbours) continue;
        const ofRole = new Int32Array(noRole + 1).fill(-1);
        pairs.forEach((pair, p) => {
          if (pair.to === to) ofRole[roleIndex[pair.from]] = all + 1 + p;
        });
        rows.forEach((row, k) => {
          if (!row || role[k]! >= roles.length) return;
          row[all]! += neighbours[k]!;
          const column = ofRole[role[k]!]!;
          if (column >= 0) row[column]! += neighbours[k]!;
        });
      }
    }
  }
}

/** A measure of the nuclei of one role, and where its sums stand. */
class Measured {
  readonly #role: number;
  readonly #perUnit: number;
  readonly #classes: Uint8Array;
  readonly #last: number;
  readonly #first: number;

  constructor(
    name: MeasureName,
    sums: BlockSums,
    private readonly counts: Counts,
  ) {
    const measure = measures[name];
    this.#role = roleIndex[measure.role];
    this.#perUnit = measure.perUnit;
    this.#classes = classTable(measure);
    this.#last = measure.edges.length;
    this.#first = sums.column(`values.${name}`);
  }

  /** Adds the values of the nuclei that have the role, and a value. */
  add(role: Uint8Array, values: ArrayLike<number>, rows: readonly (Float64Array | undefined)[]): void {
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k];
      if (!row || role[k] !== this.#role) continue;
      const value = values[k]!;
      if (Number.isNaN(value)) continue;
      const steps = Math.max(0, Math.round(value * this.#perUnit));
      this.counts.add(steps);
      const first = this.#first;
      row[first]!++;
      row[first + 1]! += steps;
      row[first + 2]! += steps * steps;
      row[first + 3 + (steps < this.#classes.length ? this.#classes[steps]! : this.#last)]!++;
    }
  }
}

/** The values of each measure in a portion; undefined where the card has no such role. */
function valuesOf({ columns, context }: NucleiAround): (ArrayLike<number> | undefined)[] {
  const { area_um2, eccentricity, circularity, solidity, hematoxylin_od_mean } = columns;
  const of: Record<MeasureName, ArrayLike<number> | undefined> = {
    tumour_area: area_um2,
    tumour_eccentricity: eccentricity,
    tumour_circularity: circularity,
    tumour_solidity: solidity,
    tumour_hematoxylin: hematoxylin_od_mean,
    immune_area: area_um2,
    immune_hematoxylin: hematoxylin_od_mean,
    stromal_eccentricity: eccentricity,
    stromal_alignment: context.alignment_50um,
    tumour_to_immune: context.nearest_immune_um,
    immune_to_tumour: context.nearest_tumour_um,
    tumour_to_stromal: context.nearest_stromal_um,
    stromal_to_immune: context.nearest_immune_um,
    tumour_to_tumour: context.nearest_tumour_um,
  };
  return measureNames.map((name) => of[name]);
}
