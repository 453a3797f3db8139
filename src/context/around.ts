import type { Polygon } from '../geometry/polygon.js';
import type { ContextBlock } from './columns.js';
import type { Role } from './roles.js';

/** Columns of the nucleus table that features are made of. */
export const measureColumns = [
  'class_share',
  'area_um2',
  'eccentricity',
  'circularity',
  'solidity',
  'orientation_rad',
  'hematoxylin_od_mean',
] as const;

export type MeasureColumn = (typeof measureColumns)[number];

/** A row group of a table, with what is around its nuclei. Entry k of every array is nucleus k; NaN is no value. */
export interface NucleiAround {
  readonly count: number;
  /** 1 where the quality is `ok`: only these count, are neighbours and are in features. */
  readonly used: Uint8Array;
  /** Centroids in um from the slide's corner. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Place in `roles`, or `noRole`. */
  readonly role: Uint8Array;
  /** Id of the class in the model's card. */
  readonly classIndex: Uint8Array;
  readonly columns: { readonly [Name in MeasureColumn]: Float32Array };
  readonly context: ContextBlock;
}

/**
 * What holds of a slide as a whole. Arrays `perBlock` have an entry for each of `blocks.columns` x `blocks.rows` squares of
 * 1 mm, by block_id; areas are in mm2, lengths in mm. Squares without tissue have zeros.
 */
export interface SlideAround {
  /** Roles that the model's card has. */
  readonly roles: readonly Role[];
  readonly blocks: { readonly columns: number; readonly rows: number };
  readonly tissue: PerBlock;
  /** Undefined if no class has the role tumour and no region was given. An empty region has an area of 0. */
  readonly tumour?: TumourAround | undefined;
  readonly tiles: { readonly small: Tiles; readonly large: Tiles };
  readonly aggregates: readonly Aggregate[];
  /** Buds in the front by block of their first nuclei: groups of 1 to 4 tumour nuclei, over 30 um from all others. */
  readonly budsPerBlock: Float64Array;
  /** Tumour nuclei over 30 um from all others, in the front or not. */
  readonly isolatedTumourPerBlock: Float64Array;
  /**
   * Pairs of a tumour and an immune nucleus within 50 um, by the block of the tumour nucleus: their number, and the sum of
   * their weights |W| / |W and W shifted from one to the other|, W being the tissue (translation correction). With A its area,
   * K(50 um) is A x weight / (tumour nuclei x immune nuclei).
   */
  readonly crossK: { readonly pairsPerBlock: Float64Array; readonly weightPerBlock: Float64Array };
}

export interface PerBlock {
  /** The slide's: the sum of `perBlock`. */
  readonly total: number;
  readonly perBlock: Float64Array;
}

export interface TumourAround {
  readonly source: 'nuclei' | 'file';
  /** Its edge along the cells, in level-0 px; none where no cell is tumour. */
  readonly outlines: readonly Polygon[];
  readonly areaMm2: PerBlock;
  /** Connected parts of the region, and the area of the largest in mm2. */
  readonly components: number;
  readonly largestMm2: number;
  /** Length of the border between tumour and other tissue in mm (Crofton's formula over four directions). */
  readonly interfaceMm: PerBlock;
  /** Tissue at most 100 um from the border, on both sides. */
  readonly frontMm2: PerBlock;
  /** Of that the part outside the tumour. */
  readonly peritumouralMm2: PerBlock;
  /** Tissue outside the tumour, at most 500 um from it. */
  readonly stromaMm2: PerBlock;
}

/**
 * Squares over the slide from its corner, row by row: tile k is in column k % columns and row floor(k / columns). Values per
 * role are [tiles, roles of the card]; those of all nuclei, without a role too, are [tiles].
 */
export interface Tiles {
  /** Side in um. */
  readonly side: number;
  readonly columns: number;
  readonly rows: number;
  readonly tissueMm2: Float64Array;
  /** Of that the part in the tumour region; zeros without one. */
  readonly tumourMm2: Float64Array;
  readonly nuclei: Float64Array;
  readonly byRole: {
    readonly n: Float64Array;
    readonly areaSum: Float64Array;
    readonly areaSquares: Float64Array;
    readonly odSum: Float64Array;
    readonly odSquares: Float64Array;
  };
}

/**
 * A candidate for a lymphoid aggregate. At its core nuclei at least 60 immune nuclei lie within 50 um, the nucleus itself
 * included (0.0076 per um2: the mean less two standard deviations of 0.0128 +- 0.0026 in tertiary lymphoid structures, PLoS
 * One 2021 e0256907); cores within 50 um of each other are joined, and an immune nucleus within 50 um of a core belongs to
 * the nearest. It has at least 45 nuclei and 6,245 um2 (smallest of the same source).
 */
export interface Aggregate {
  /** As in `aggregate_id`, from 0. */
  readonly id: number;
  readonly nuclei: number;
  /** Area of the 20 um cells that hold its nuclei. */
  readonly areaUm2: number;
  /** Block of its mean position. */
  readonly block: number;
}

/** Both: first every row group in the order of the table, then the slide as a whole, which is known only after the last. */
export interface SlideContext {
  readonly roles: readonly Role[];
  rowGroups(): AsyncGenerator<NucleiAround>;
  /** @throws Error before the last row group */
  whole(): SlideAround;
  /** Gives the memory of the nuclei back. */
  close(): void;
}
