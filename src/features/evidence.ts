import type { BlockSums } from './block-sums.js';
import type { Counts, Moments } from './counts.js';
import { kmSteps } from './kaplan-meier.js';
import { measures, type MeasureName } from './measures.js';
import type { TileSet } from './tile-set.js';

/** What a feature is computed from: a slide's sums, or those of a resample of its blocks. */
export interface Evidence {
  /** A sum over all blocks, by name (sums.ts). */
  sum(name: string): number;
  quantile(measure: MeasureName, share: number): number;
  moments(measure: MeasureName): Moments;
  /** Classes of the card that have a role, by index. */
  readonly classes: readonly number[];
  /** Nuclei by step in which the nearer of the next immune nucleus and the tissue's edge lies, and of them those that have the nucleus there. */
  readonly survival: { readonly ended: ArrayLike<number>; readonly found: ArrayLike<number> };
  /** The tumour region's connected pieces, of the slide as a whole; zeros without a region. */
  readonly pieces: Pieces;
  /** Tiles of 250 um of which at least half is tissue. */
  readonly tiles: TileSet;
}

export interface Pieces {
  readonly count: number;
  readonly largestMm2: number;
  readonly areaMm2: number;
}

/** What does not change between resamples. */
export interface SlideEvidence {
  readonly sums: BlockSums;
  readonly classes: readonly number[];
  readonly pieces: Pieces;
}

/** Sums of blocks, each as often as its weight says. Quantiles come from classes of values, interpolated within. */
export class Resample implements Evidence {
  readonly #total: Float64Array;

  constructor(
    private readonly slide: SlideEvidence,
    readonly tiles: TileSet,
    blocks: readonly number[] = slide.sums.blocks,
    weights?: ArrayLike<number>,
  ) {
    this.#total = slide.sums.total(blocks, weights);
  }

  get classes() {
    return this.slide.classes;
  }

  get pieces() {
    return this.slide.pieces;
  }

  sum(name: string): number {
    return this.#total[this.slide.sums.column(name)]!;
  }

  get survival() {
    const columns = (kind: string) => {
      const first = this.slide.sums.column(`${kind}.0`);
      return this.#total.subarray(first, first + kmSteps + 1);
    };
    return { ended: columns('ended'), found: columns('found') };
  }

  quantile(measure: MeasureName, share: number): number {
    const { edges } = measures[measure];
    const first = this.slide.sums.column(`class.${measure}.0`);
    const wanted = share * this.sum(`values.${measure}`);
    let seen = 0;
    for (let k = 0; k <= edges.length; k++) {
      const inside = this.#total[first + k]!;
      if (inside > 0 && seen + inside >= wanted) {
        const [low, high] = [k === 0 ? 0 : edges[k - 1]!, edges[Math.min(k, edges.length - 1)]!];
        return low + ((wanted - seen) / inside) * (high - low);
      }
      seen += inside;
    }
    return NaN;
  }

  moments(measure: MeasureName): Moments {
    const { perUnit } = measures[measure];
    const [n, sum, squares] = ['values', 'steps', 'squares'].map((kind) =>
      this.sum(`${kind}.${measure}`),
    ) as [number, number, number];
    const mean = sum / n;
    return {
      mean: mean / perUnit,
      sd: Math.sqrt(Math.max(0, squares - n * mean * mean) / (n - 1)) / perUnit,
    };
  }
}

/** The slide itself: quantiles, means and spreads from all values. */
export class Whole extends Resample {
  constructor(
    slide: SlideEvidence,
    tiles: TileSet,
    private readonly counts: Readonly<Record<MeasureName, Counts>>,
  ) {
    super(slide, tiles);
  }

  override quantile(measure: MeasureName, share: number): number {
    return this.counts[measure].quantile(share);
  }

  override moments(measure: MeasureName): Moments {
    return this.counts[measure].moments;
  }
}
