import { readFile } from 'node:fs/promises';
import { HoverslideError } from '../errors.js';
import { writeAtomically } from '../files.js';
import type { NucleiBlock } from '../nuclei/block.js';
import { type ColumnName, columns, type NumberColumn } from './columns.js';
import { classOf, tableClasses, type TableContext, votedClass } from './context.js';
import { Histogram, type Statistics } from './histogram.js';
import { implausibilities } from './plausibility.js';
import { type QualityFlag, qualityFlags, qualityOf } from './quality.js';

/** Areas of some nuclei in um2. */
export interface AreaSummary extends Statistics {
  readonly total: number;
}

/** Columns, beside the area, whose statistics a summary has: two of shape, two of stain. */
export const summarised = [
  'eccentricity',
  'solidity',
  'hematoxylin_od_mean',
  'eosin_od_mean',
] as const satisfies readonly ColumnName[];

export type SummarisedColumn = (typeof summarised)[number];

export interface GroupSummary extends Readonly<Record<SummarisedColumn, Statistics>> {
  readonly count: number;
  /** Nuclei per mm2 of tissue; null where no tissue was found. */
  readonly density_per_mm2: number | null;
  readonly area_um2: AreaSummary;
}

/** Content of `summary.json`, in this order. All numbers are of nuclei with the quality `ok` alone. */
export interface SlideSummary extends GroupSummary {
  readonly slide: string;
  /** Micrometres per level-0 px. */
  readonly mpp: number;
  readonly tissue_area_mm2: number;
  /**
   * Groups by class name, in the order of the model's card, with class 0 (`unclassified`) last. `fraction` is that of
   * all nuclei, 0 where there are none. Classes that the model has not learned are not among them.
   */
  readonly classes: Readonly<Record<string, GroupSummary & { readonly fraction: number }>>;
  /** Number of nuclei that the table has beside these, by quality. */
  readonly set_aside: Readonly<Record<QualityFlag['name'], number>>;
  /** Classes of the card that the model has not learned, each with the number of nuclei voted for it: unclassified. */
  readonly not_learned: Readonly<Record<string, number>>;
  /** Number of blobs so large that they were cut before nuclei were looked for in them. */
  readonly cut_blobs: number;
  /** Names of what on this slide cannot be, or hardly (plausibility.ts). */
  readonly flags: readonly string[];
  /** What the user should know about this slide, one line each. */
  readonly notices: readonly string[];
}

export interface SummaryFacts {
  readonly slide: string;
  /** Area in um2 that was found to be tissue, or that a mask names. */
  readonly tissueUm2: number;
  readonly cutBlobs: number;
  readonly notices: readonly string[];
}

const measures = summarised.map((name) => columns.find((column) => column.name === name)! as NumberColumn);

/** Histograms of one group of nuclei: of areas in whole pixels, and of each column in units of its last decimal. */
class Group {
  readonly areas = new Histogram();
  readonly columns = measures.map(() => new Histogram());

  add(block: NucleiBlock, k: number, context: TableContext): void {
    this.areas.add(block.area[k]!);
    measures.forEach(({ value, decimals }, m) =>
      this.columns[m]!.add(Math.round(value(block, k, context) * 10 ** decimals)),
    );
  }

  merge(other: Group): void {
    this.areas.merge(other.areas);
    this.columns.forEach((histogram, m) => histogram.merge(other.columns[m]!));
  }
}

/** Counter of nuclei and their measures while they stream by. Its memory does not grow with their number. */
export class SummaryBuilder {
  private readonly groups: Map<string, Group>;
  private readonly setAside = new Map(qualityFlags.map(({ name }) => [name, 0]));
  private readonly notLearned: Map<string, number>;

  constructor(private readonly context: TableContext) {
    this.groups = new Map(tableClasses(context.classes).map(({ name }) => [name, new Group()]));
    this.notLearned = new Map(
      context.classes.flatMap(({ name, learned }) => (learned === false ? [[name, 0] as const] : [])),
    );
  }

  add(block: NucleiBlock): void {
    for (let k = 0; k < block.count; k++) {
      const quality = qualityOf(block, k, this.context);
      if (quality === 'ok') this.count(block, k);
      else this.setAside.set(quality, this.setAside.get(quality)! + 1);
    }
  }

  private count(block: NucleiBlock, k: number): void {
    const { classes } = this.context;
    this.groups.get(classOf(classes, block.type[k]!).name)!.add(block, k, this.context);
    const voted = votedClass(classes, block.type[k]!);
    if (voted.learned === false) this.notLearned.set(voted.name, this.notLearned.get(voted.name)! + 1);
  }

  /** The counts so far: class name to number of nuclei, in the order of the summary. */
  get counts(): Map<string, number> {
    return new Map(Array.from(this.groups, ([name, { areas }]) => [name, areas.count]));
  }

  build({ slide, tissueUm2, cutBlobs, notices }: SummaryFacts): SlideSummary {
    const all = new Group();
    for (const group of this.groups.values()) all.merge(group);
    const { count } = all.areas;
    const classes = Array.from(this.groups, ([name, group]) => {
      const { count: own, ...rest } = this.summaryOf(group, tissueUm2);
      return [name, { count: own, fraction: count > 0 ? rounded(own / count, 6) : 0, ...rest }] as const;
    });
    const summary = {
      slide,
      mpp: this.context.space.mpp,
      tissue_area_mm2: rounded(tissueUm2 / 1e6, 6),
      ...this.summaryOf(all, tissueUm2),
      classes: Object.fromEntries(classes),
      set_aside: Object.fromEntries(this.setAside) as SlideSummary['set_aside'],
      not_learned: Object.fromEntries(this.notLearned),
      cut_blobs: cutBlobs,
    };
    const flags = implausibilities.filter(({ applies }) => applies(summary)).map(({ flag }) => flag);
    return { ...summary, flags, notices: [...notices, ...this.votesForNothing()] };
  }

  private summaryOf({ areas, columns }: Group, tissueUm2: number): GroupSummary {
    const { space } = this.context;
    const um2 = (pixels: number) => space.toSquareMicrons(pixels);
    return {
      count: areas.count,
      density_per_mm2: tissueUm2 > 0 ? rounded(areas.count / (tissueUm2 / 1e6), 2) : null,
      area_um2: { ...allRounded(areas.statistics(um2), 3), total: rounded(um2(areas.sum), 3) },
      ...(Object.fromEntries(
        measures.map(({ name, decimals }, m) => [
          name,
          allRounded(
            columns[m]!.statistics((units) => units / 10 ** decimals),
            decimals,
          ),
        ]),
      ) as Record<SummarisedColumn, Statistics>),
    };
  }

  private votesForNothing(): string[] {
    return Array.from(this.notLearned)
      .filter(([, count]) => count > 0)
      .map(
        ([name, count]) =>
          `${count} nuclei were voted '${name}', which the model has not learned: they are unclassified`,
      );
  }
}

function allRounded(statistics: Statistics, decimals: number): Statistics {
  return Object.fromEntries(
    Object.entries(statistics).map(([name, value]: [string, number | null]) => [
      name,
      value === null ? null : rounded(value, decimals),
    ]),
  ) as unknown as Statistics;
}

/**
 * Writes a slide's summary.
 * @throws HoverslideError `output`
 */
export async function writeSummary(path: string, summary: SlideSummary): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(summary, null, 2)}\n`);
}

/**
 * Reads a slide's summary.
 * @throws Error if it cannot be read; HoverslideError `input` if another version of hoverslide wrote it
 */
export async function readSummary(path: string): Promise<SlideSummary> {
  const summary = JSON.parse(await readFile(path, 'utf8')) as Partial<SlideSummary>;
  if (!summary.set_aside || !summary.not_learned) {
    throw new HoverslideError(
      'input',
      `${path}: expected the summary of a run by this version of hoverslide`,
    );
  }
  return summary as SlideSummary;
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
