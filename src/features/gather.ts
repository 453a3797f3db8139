import type { NucleiAround } from '../context/around.js';
import { roles } from '../context/roles.js';
import { BlockSums } from './block-sums.js';
import { Counts } from './counts.js';
import { kmStepOf } from './kaplan-meier.js';
import { type MeasureName, measureNames, measures } from './measures.js';
import { areaSums, nucleusSums, pairRadii, pairs, tileSide } from './sums.js';
import { tileInBlock } from './tile-set.js';

/** Reach in um of the front on both sides of the tumour's edge, of the peritumoural zone, and of the associated stroma. */
export const frontReach = 100;
export const stromaReach = 500;

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
   * @param inside which nuclei are there at all: those of a region; all by default
   * @param sure which of them are described; the others are but their neighbours
   */
  constructor(
    private readonly inside: Wanted = () => true,
    private readonly sure: Wanted = () => true,
  ) {
    this.sums = new BlockSums([...nucleusSums, ...areaSums]);
    this.#measured = measureNames.map((name) => ({
      role: roles.indexOf(measures[name].role),
      perUnit: measures[name].perUnit,
      edges: measures[name].edges,
      first: this.sums.column(`values.${name}`),
      counts: this.counts[name],
    }));
  }

  /** Adds the nuclei of a portion that count. */
  add(nuclei: NucleiAround): void {
    const { count, used, x, y, role, classIndex, context } = nuclei;
    const at = (name: string) => this.sums.column(name);
    const values = valuesOf(nuclei);
    const tumourEdge = context.tumour_edge_um;
    const neighbours = pairRadii.map((radius) => roles.map((name) => context[`n_${name}_${radius}um`]));
    const [nuclei_, typed, firstOther] = [at('nuclei'), at('typed'), at('there.typed')];
    const [firstRole, firstClass, firstTile] = [at(`n.${roles[0]}`), at('of_class.0'), at('tile.0.all')];
    const [ended, found] = [at('ended.0'), at('found.0')];
    const firstPair = pairRadii.map((radius) => at(`pairs.all.${radius}`));
    const toImmune = context.nearest_immune_um;
    const toTumour = context.nearest_tumour_um;
    const [near, inside, deep, peritumoural, front, aggregated] = [
      'near_tumour',
      'inside',
      'deep',
      'peritumoural',
      'front',
      'aggregated',
    ].map((name) => at(`immune.${name}`)) as [number, number, number, number, number, number];
    const isolated = at('tumour.isolated');
    const [associatedImmune, associatedStromal] = [at('associated.immune'), at('associated.stromal')];
    for (let k = 0; k < count; k++) {
      if (!used[k] || !this.inside(nuclei, k)) continue;
      const row = this.sums.row(context.block_id[k]!);
      const its = role[k]!;
      if (its < roles.length) {
        row[firstOther]!++;
        row[firstOther + 1 + its]!++;
      }
      if (!this.sure(nuclei, k)) continue;
      row[nuclei_]!++;
      row[firstClass + classIndex[k]!]!++;
      const tile = tileInBlock(Math.floor(x[k]! / tileSide), Math.floor(y[k]! / tileSide));
      row[firstTile + tile * (roles.length + 1)]!++;
      if (its >= roles.length) continue;
      row[typed]!++;
      row[firstRole + its]!++;
      row[firstTile + tile * (roles.length + 1) + 1 + its]!++;
      this.#measure(row, its, values, k);
      pairRadii.forEach((_, r) => {
        const of = neighbours[r]!;
        const columns = firstPair[r]!;
        for (const each of of) if (each) row[columns]! += each[k]!;
        pairs.forEach(({ from, to }, p) => {
          if (its === roleIndex[from]) row[columns + 1 + p]! += of[roleIndex[to]]?.[k] ?? 0;
        });
      });
      const edge = tumourEdge ? tumourEdge[k]! : NaN;
      if (its === roleIndex.immune) {
        if (toTumour && toTumour[k]! <= contactReach) row[near]!++;
        if (edge < 0) row[inside]!++;
        if (edge < -frontReach) row[deep]!++;
        if (edge >= 0 && edge <= frontReach) row[peritumoural]!++;
        if (Math.abs(edge) <= frontReach) row[front]!++;
        if (edge >= 0 && edge <= stromaReach) row[associatedImmune]!++;
        if (context.aggregate_id[k]! >= 0) row[aggregated]!++;
      } else if (its === roleIndex.stromal) {
        if (edge >= 0 && edge <= stromaReach) row[associatedStromal]!++;
      } else if (its === roleIndex.tumour) {
        if (!(toTumour![k]! <= isolatedFrom)) row[isolated]!++;
        if (!toImmune) continue;
        const [border, neighbour] = [context.tissue_edge_um[k]!, toImmune[k]!];
        const step = kmStepOf(neighbour <= border ? neighbour : border);
        row[ended + step]!++;
        if (neighbour <= border) row[found + step]!++;
      }
    }
  }

  /** Adds a nucleus to the measures of its role that it has. */
  #measure(row: Float64Array, role: number, values: readonly (ArrayLike<number> | undefined)[], k: number): void {
    for (let m = 0; m < this.#measured.length; m++) {
      const measured = this.#measured[m]!;
      if (measured.role !== role) continue;
      const value = values[m]?.[k];
      if (value === undefined || Number.isNaN(value)) continue;
      const { perUnit, edges, first, counts } = measured;
      const steps = Math.max(0, Math.round(value * perUnit));
      counts.add(steps);
      row[first]!++;
      row[first + 1]! += steps;
      row[first + 2]! += steps * steps;
      row[first + 3 + classAt(edges, steps / perUnit)]!++;
    }
  }
}

interface Measured {
  readonly role: number;
  readonly perUnit: number;
  readonly edges: Float64Array;
  readonly first: number;
  readonly counts: Counts;
}

const roleIndex = Object.fromEntries(roles.map((role, index) => [role, index])) as Record<
  (typeof roles)[number],
  number
>;

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

/** Returns the place of the first edge that is not below the value; the number of edges if none is. */
function classAt(edges: Float64Array, value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
