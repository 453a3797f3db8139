import type { DensityCounter } from './density-grids.js';
import { leafSize } from './layout.js';

/** A square of the quadtree: `side` is that of the root over 2^depth, and (i, j) its place among those. */
export interface Square {
  readonly depth: number;
  readonly i: number;
  readonly j: number;
  readonly side: number;
}

export interface Leaf extends Square {
  /** Place in the list of leaves. */
  readonly place: number;
  readonly count: number;
}

type Node = Leaf | readonly (Node | undefined)[];

/** The leaves of a slide's quadtree, in Z-order, without empty ones. */
export class Quadtree {
  readonly leaves: Leaf[] = [];
  readonly #root: Node | undefined;

  /**
   * Divides a slide until no leaf has more than `leafSize` nuclei or is larger than a cell of the finest grid.
   * @param side of the root in level-0 px: a power of two, and at least a cell
   * @param grids of nuclei, the finest first, each with cells twice as large
   */
  constructor(
    readonly side: number,
    grids: readonly DensityCounter[],
  ) {
    const all = [...grids];
    for (let grid = all.at(-1)!; grid.cell < side;) all.push((grid = grid.coarser()));
    const bySide = new Map(all.map((grid) => [grid.cell, grid]));
    this.#root = this.#divided({ depth: 0, i: 0, j: 0, side }, bySide);
  }

  /** Returns the leaf that a point in level-0 px lies in. */
  leafAt(x: number, y: number): Leaf {
    let node = this.#root;
    for (let { side } = this; isDivided(node);) {
      side /= 2;
      node = node[2 * (Math.floor(y / side) % 2) + (Math.floor(x / side) % 2)];
    }
    if (!node) throw new Error(`expected a leaf of nuclei at ${x}, ${y}`);
    return node;
  }

  #divided(square: Square, grids: ReadonlyMap<number, DensityCounter>): Node | undefined {
    const { depth, i, j, side } = square;
    const count = grids.get(side)!.total(i, j);
    if (count === 0) return undefined;
    if (count <= leafSize || !grids.has(side / 2)) {
      const leaf = { ...square, place: this.leaves.length, count };
      this.leaves.push(leaf);
      return leaf;
    }
    return [0, 1, 2, 3].map((quarter) => {
      const at = { i: 2 * i + (quarter & 1), j: 2 * j + (quarter >> 1) };
      return this.#divided({ depth: depth + 1, ...at, side: side / 2 }, grids);
    });
  }
}

function isDivided(node: Node | undefined): node is readonly (Node | undefined)[] {
  return Array.isArray(node);
}
