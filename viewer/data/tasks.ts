// What the page asks of its worker, which fetches, decompresses and packs, so that panning never waits for it.

export type Task =
  | { readonly kind: 'points'; readonly address: string; readonly side: number }
  | {
      readonly kind: 'outlines';
      readonly address: string;
      /** Of the leaf's points, as they were packed. */
      readonly points: Pick<PackedPoints, 'order' | 'tags' | 'cells'>;
    }
  | { readonly kind: 'density'; readonly address: string }
  | {
      readonly kind: 'values';
      /** Of the column; its row groups lie below it. */
      readonly address: string;
      readonly rowGroup: number;
      readonly rows: Uint32Array;
    };

/** Cells along the side of a leaf. What lies in one cell is drawn, or left out, as a whole. */
export const leafCells = 8;

/** The nuclei of a leaf, cell by cell. */
export interface PackedPoints {
  readonly count: number;
  /** x, y of each in level-0 px from the leaf's corner. */
  readonly positions: Float32Array;
  /** Two per nucleus: place of the class, place of the quality. */
  readonly tags: Uint8Array;
  readonly rows: Uint32Array;
  /** Place in the leaf's block. */
  readonly order: Uint32Array;
  /** First nucleus of each cell, row by row, and the number of nuclei behind the last. */
  readonly cells: Uint32Array;
}

/** The outlines of a leaf, in the order of its packed points. */
export interface PackedOutlines {
  /**
   * x, y of each vertex in level-0 px from the leaf's corner; the first of a ring is repeated at its end. One more lies
   * behind the last: a segment is drawn from every vertex, and must find an end there.
   */
  readonly positions: Float32Array;
  /** Four per vertex: class, quality, whether a segment begins here, nothing. */
  readonly tags: Uint8Array;
  /** Vertices, in threes. */
  readonly triangles: Uint32Array;
  /** First vertex and first index of each nucleus, and the numbers behind the last. */
  readonly vertexOf: Uint32Array;
  readonly indexOf: Uint32Array;
  /** left, top, right, bottom of what each cell's nuclei cover, in px from the leaf's corner. */
  readonly bounds: Float32Array;
}

export interface Results {
  readonly points: PackedPoints;
  readonly outlines: PackedOutlines;
  readonly density: Uint32Array;
  readonly values: Float32Array;
}

export type Request = Task & { readonly id: number };
export type Answer =
  | { readonly id: number; readonly result: Results[keyof Results] }
  | { readonly id: number; readonly error: string };
