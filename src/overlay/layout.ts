// What `nuclei.overlay` looks like: the file from which a viewer draws a slide's nuclei. Knows nothing of Node, since browsers read it too.
//
// The file: eight bytes of magic, blocks, the directory, the trailer. Blocks and the directory are Zstandard frames of their
// own. Trailer: offset of the directory (float64, little-endian, as are the others), its length and CRC-32 (uint32), the
// magic again. Nuclei lie in the leaves of a quadtree over level 0, by their centroids; each leaf has a block of points, and after it
// one of outlines. Further out, counts per class in square cells stand for nuclei: all of them, never a sample.

/** First bytes of the file; the last one is the layout's version. */
export const magic = [0x68, 0x73, 0x6f, 0x76, 0x6c, 0x79, 0, 1] as const;

/** Size of the trailer. */
export const trailerBytes = 24;

/** Most nuclei of a leaf, save where it is as small as a cell of the finest density grid. */
export const leafSize = 4_096;

/** Cells along the side of a tile of a density grid. */
export const densityTile = 256;

/** The directory, as JSON. Lists are by column: entry k of each belongs to leaf, tile or block k. */
export interface OverlayDirectory {
  /** Hash of the footer of the table that the file was made from: it is out of date when that changes. */
  readonly table: string;
  readonly nuclei: number;
  /** Rows of a row group of the table; the last one may have fewer. */
  readonly rowGroup: number;
  /** Side of the quadtree's root in level-0 px, a power of two; its corner is level 0's origin. */
  readonly side: number;
  /** Ids of the classes in the table's order; blocks hold places in this list. */
  readonly classes: readonly number[];
  /** What `quality` can be, 'ok' first; blocks hold places in this list. */
  readonly qualities: readonly string[];
  readonly leaves: {
    /** Halvings of the root, and place of the leaf among the squares of that depth. */
    readonly depth: readonly number[];
    readonly i: readonly number[];
    readonly j: readonly number[];
    readonly count: readonly number[];
    /** What the outlines cover, in whole level-0 px: they reach beyond the leaf. */
    readonly left: readonly number[];
    readonly top: readonly number[];
    readonly right: readonly number[];
    readonly bottom: readonly number[];
    /** The block of points; that of outlines is the next one. */
    readonly block: readonly number[];
  };
  /** Grids of counts, the finest first, each with cells twice as large as the one before. */
  readonly densities: readonly DensityGrid[];
  readonly blocks: {
    readonly offset: readonly number[];
    readonly length: readonly number[];
    /** CRC-32 of the block as the file holds it. */
    readonly crc: readonly number[];
  };
}

/** Tiles without nuclei are left out. */
export interface DensityGrid {
  /** Side of a cell in level-0 px. */
  readonly cell: number;
  readonly i: readonly number[];
  readonly j: readonly number[];
  readonly block: readonly number[];
}

/**
 * A tile of a density grid: `counts[(channel * densityTile + y) * densityTile + x]`. A channel for each class, of nuclei whose
 * quality is ok, then one for those that are set aside.
 */
export interface DensityCounts {
  readonly counts: Uint32Array;
}

/** The nuclei of a leaf, in the order of their rows. */
export interface LeafPoints {
  readonly count: number;
  /** Place in the leaf, in 65,536ths of its side, rounded down. */
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  /** Places in the directory's lists. */
  readonly classes: Uint8Array;
  readonly qualities: Uint8Array;
  /** Row of the table. */
  readonly row: Uint32Array;
}

/** The outlines of a leaf's nuclei. */
export interface LeafOutlines {
  /** x, y of all vertices in level-0 px from the leaf's corner. The first vertex of a ring is not repeated at its end. */
  readonly vertices: Float32Array;
  /** First vertex of each ring, and the number of vertices behind the last. */
  readonly rings: Uint32Array;
  /** First ring of each nucleus (its shell; holes follow), and the number of rings behind the last. */
  readonly nuclei: Uint32Array;
}
