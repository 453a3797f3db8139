import { densityTile } from './layout.js';

/** Side in um next to which the finest cells are. */
const finestUm = 32;

/** Returns the side of the finest cells in level-0 px: a power of two. */
export function finestCell(mpp: number): number {
  return 2 ** Math.max(0, Math.round(Math.log2(finestUm / mpp)));
}

/** A grid of counts by channel, of which only tiles with nuclei take memory. */
export class DensityCounter {
  /** Counts of tiles by their places, laid out as `DensityCounts`. */
  readonly tiles = new Map<
    string,
    { readonly i: number; readonly j: number; readonly counts: Uint32Array }
  >();
  #last: { readonly i: number; readonly j: number; readonly counts: Uint32Array } | undefined;

  /** @param cell side of a cell in level-0 px */
  constructor(
    readonly cell: number,
    readonly channels: number,
  ) {}

  add(channel: number, x: number, y: number, count = 1): void {
    const [column, row] = [Math.floor(x / this.cell), Math.floor(y / this.cell)];
    const { counts } = this.#tile(Math.floor(column / densityTile), Math.floor(row / densityTile));
    counts[(channel * densityTile + (row % densityTile)) * densityTile + (column % densityTile)]! += count;
  }

  /** Returns the number of nuclei in a cell, those that are set aside included. */
  total(column: number, row: number): number {
    const tile = this.tiles.get(`${Math.floor(column / densityTile)} ${Math.floor(row / densityTile)}`);
    if (!tile) return 0;
    let sum = 0;
    const at = (row % densityTile) * densityTile + (column % densityTile);
    for (let k = at; k < tile.counts.length; k += densityTile ** 2) sum += tile.counts[k]!;
    return sum;
  }

  /** Returns the grid with cells twice as large. */
  coarser(): DensityCounter {
    const grid = new DensityCounter(2 * this.cell, this.channels);
    for (const { i, j, counts } of this.tiles.values()) {
      const [left, top] = [i * densityTile, j * densityTile];
      for (let k = 0; k < counts.length; k++) {
        if (counts[k] === 0) continue;
        const [x, y] = [k % densityTile, Math.floor(k / densityTile) % densityTile];
        grid.add(Math.floor(k / densityTile ** 2), (left + x) * this.cell, (top + y) * this.cell, counts[k]);
      }
    }
    return grid;
  }

  /** Nuclei come in Z-order, so that the tile is most often that of the one before. */
  #tile(i: number, j: number) {
    if (this.#last?.i === i && this.#last.j === j) return this.#last;
    const key = `${i} ${j}`;
    let tile = this.tiles.get(key);
    if (!tile) {
      tile = { i, j, counts: new Uint32Array(this.channels * densityTile ** 2) };
      this.tiles.set(key, tile);
    }
    return (this.#last = tile);
  }
}

/** Returns the grids of a slide, the finest first: so many that the last one is a single tile. */
export function pyramid(finest: DensityCounter, side: number): DensityCounter[] {
  const grids = [finest];
  for (let grid = finest; grid.cell * densityTile < side;) grids.push((grid = grid.coarser()));
  return grids;
}
