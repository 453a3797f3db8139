import { readFile } from 'node:fs/promises';
import { HoverslideError } from '../errors.js';
import { writeAtomically } from '../files.js';
import type { NucleiBlock } from '../nuclei/block.js';
import { implausibilities } from './plausibility.js';
import { summarySchema } from './summary-schema.js';
import { classOf, tableClasses, type TableContext } from './context.js';

/** Areas of some nuclei in um2; null where there are none. */
export interface AreaSummary {
  readonly mean: number | null;
  readonly median: number | null;
  readonly total: number;
}

export interface GroupSummary {
  readonly count: number;
  /** Nuclei per mm2 of tissue; null where no tissue was found. */
  readonly density_per_mm2: number | null;
  readonly area_um2: AreaSummary;
}

/** Content of `summary.json`, in this order. */
export interface SlideSummary extends GroupSummary {
  readonly slide: string;
  /** Micrometres per level-0 px. */
  readonly mpp: number;
  readonly tissue_area_mm2: number;
  /**
   * Groups by class name, in the order of the model's card, with class 0 (`unclassified`) last. `fraction` is that of
   * all nuclei, 0 where there are none.
   */
  readonly classes: Readonly<Record<string, GroupSummary & { readonly fraction: number }>>;
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
  /** Share of the tissue that is not stained with haematoxylin and eosin; undefined where it is not known. */
  readonly otherStainShare?: number | undefined;
  readonly notices: readonly string[];
}

/**
 * Counter of nuclei and their areas while they stream by. Areas are whole numbers of pixels, so a histogram is exact.
 */
export class SummaryBuilder {
  private readonly areas: Map<string, Histogram>;

  constructor(private readonly context: TableContext) {
    this.areas = new Map(tableClasses(context.classes).map(({ name }) => [name, new Histogram()]));
  }

  add(block: NucleiBlock): void {
    for (let k = 0; k < block.count; k++) {
      this.areas.get(classOf(this.context.classes, block.type[k]!).name)!.add(block.area[k]!);
    }
  }

  /** The counts so far: class name to number of nuclei, in the order of the summary. */
  get counts(): Map<string, number> {
    return new Map(Array.from(this.areas, ([name, { count }]) => [name, count]));
  }

  build({ slide, tissueUm2, cutBlobs, otherStainShare, notices }: SummaryFacts): SlideSummary {
    const all = new Histogram();
    for (const histogram of this.areas.values()) all.merge(histogram);
    const group = (histogram: Histogram): GroupSummary => ({
      count: histogram.count,
      density_per_mm2: tissueUm2 > 0 ? rounded(histogram.count / (tissueUm2 / 1e6), 2) : null,
      area_um2: this.areaSummary(histogram),
    });
    const classes = Array.from(this.areas, ([name, histogram]) => {
      const { count, ...rest } = group(histogram);
      const fraction = all.count > 0 ? rounded(count / all.count, 6) : 0;
      return [name, { count, fraction, ...rest }] as const;
    });
    const summary = {
      slide,
      mpp: this.context.space.mpp,
      tissue_area_mm2: rounded(tissueUm2 / 1e6, 6),
      ...group(all),
      classes: Object.fromEntries(classes),
      cut_blobs: cutBlobs,
    };
    const found = { ...summary, otherStainShare };
    const flags = implausibilities.filter(({ applies }) => applies(found)).map(({ flag }) => flag);
    return { ...summary, flags, notices };
  }

  private areaSummary(histogram: Histogram): AreaSummary {
    const um2 = (pixels: number) => rounded(this.context.space.toSquareMicrons(pixels), 3);
    return {
      mean: histogram.count > 0 ? um2(histogram.sum / histogram.count) : null,
      median: histogram.count > 0 ? um2(histogram.median()) : null,
      total: um2(histogram.sum),
    };
  }
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
 * @throws Error if it cannot be read, HoverslideError `input` if it is not what this version writes
 */
export async function readSummary(path: string): Promise<SlideSummary> {
  const text = await readFile(path, 'utf8');
  try {
    return summarySchema.parse(JSON.parse(text));
  } catch (cause) {
    const expected = 'expected the summary of a run by this version of hoverslide';
    throw new HoverslideError('input', `${path}: ${expected}`, { cause });
  }
}

/** Count of how often each whole number occurred. Memory grows with the number of different ones only. */
class Histogram {
  private readonly occurrences = new Map<number, number>();
  count = 0;
  sum = 0;

  add(value: number, times = 1): void {
    this.occurrences.set(value, (this.occurrences.get(value) ?? 0) + times);
    this.count += times;
    this.sum += value * times;
  }

  merge(other: Histogram): void {
    for (const [value, times] of other.occurrences) this.add(value, times);
  }

  /** Returns the middle value, or the mean of the two in the middle. There must be at least one value. */
  median(): number {
    return (this.at(Math.floor((this.count - 1) / 2)) + this.at(Math.floor(this.count / 2))) / 2;
  }

  /** Returns the value at a place (from 0) in ascending order. */
  private at(place: number): number {
    let seen = 0;
    for (const value of [...this.occurrences.keys()].sort((a, b) => a - b)) {
      seen += this.occurrences.get(value)!;
      if (place < seen) return value;
    }
    throw new RangeError(`place ${place} of ${this.count}`);
  }
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
