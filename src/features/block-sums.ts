/**
 * Sums per block of 1 mm2: everything that is additive, so that a feature of any collection of blocks can be computed from
 * the sum of their rows. Memory grows with the tissue, not with the nuclei.
 */
export class BlockSums {
  readonly #columns: ReadonlyMap<string, number>;
  readonly #rows = new Map<number, Float64Array>();

  constructor(readonly names: readonly string[]) {
    this.#columns = new Map(names.map((name, column) => [name, column]));
  }

  /** @throws RangeError for a name that is not among the columns: a fault in a definition */
  column(name: string): number {
    const column = this.#columns.get(name);
    if (column === undefined) throw new RangeError(`no sum '${name}'`);
    return column;
  }

  /** Returns the sums of a block, to be added to. */
  row(block: number): Float64Array {
    let row = this.#rows.get(block);
    if (!row) {
      row = new Float64Array(this.names.length);
      this.#rows.set(block, row);
    }
    return row;
  }

  /** The blocks that have sums, in ascending order: the order in which doubles are added up. */
  get blocks(): number[] {
    return [...this.#rows.keys()].sort((a, b) => a - b);
  }

  /** Adds up the rows of blocks, each as often as its weight says. */
  total(blocks: readonly number[], weights?: ArrayLike<number>): Float64Array {
    const total = new Float64Array(this.names.length);
    blocks.forEach((block, k) => {
      const weight = weights ? weights[k]! : 1;
      const row = this.#rows.get(block);
      if (weight === 0 || !row) return;
      for (let c = 0; c < total.length; c++) total[c]! += weight * row[c]!;
    });
    return total;
  }
}
