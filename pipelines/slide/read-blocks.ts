/** Consecutive patches of a run: places from .. to - 1. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts a run of patches into cells: squares of `side` patches, a power of two. In Z-order the patches of such a square
 * follow each other, so every cell is one stretch of the run, and the run does not depend on the cells.
 * @param run patches (i, j) in Z-order, [n, 2]
 */
export function cellsOf(run: Uint32Array, side: number): Stretch[] {
  const cells: Stretch[] = [];
  const cellOf = (place: number) => [0, 1].map((axis) => Math.floor(run[2 * place + axis]! / side)).join();
  let from = 0;
  for (let place = 1; place <= run.length / 2; place++) {
    if (place < run.length / 2 && cellOf(place) === cellOf(from)) continue;
    cells.push({ from, to: place });
    from = place;
  }
  return cells;
}

/** The parts of the cells that lie in a stretch. */
export function within(cells: readonly Stretch[], { from, to }: Stretch): Stretch[] {
  return cells
    .map((cell) => ({ from: Math.max(cell.from, from), to: Math.min(cell.to, to) }))
    .filter((cell) => cell.from < cell.to);
}
