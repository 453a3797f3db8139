/** Consecutive patches of a slide's list of patches: places from .. to - 1. */
export interface PatchRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts a list of patches into read blocks: squares of `side` patches, a power of two, whose pixels are read at once. In
 * Z-order the patches of such a square follow each other. So every block is one range of the list, and the list does
 * not depend on the blocks.
 * @param patchIndices patches (i, j) in Z-order, [n, 2]
 */
export function readBlocksOf(patchIndices: Uint32Array, side: number): PatchRange[] {
  const blocks: PatchRange[] = [];
  const blockOf = (place: number) =>
    [0, 1].map((axis) => Math.floor(patchIndices[2 * place + axis]! / side)).join();
  let from = 0;
  for (let place = 1; place <= patchIndices.length / 2; place++) {
    if (place < patchIndices.length / 2 && blockOf(place) === blockOf(from)) continue;
    blocks.push({ from, to: place });
    from = place;
  }
  return blocks;
}

/** Clips read blocks to a range and leaves out those outside. */
export function clipToRange(blocks: readonly PatchRange[], { from, to }: PatchRange): PatchRange[] {
  return blocks
    .map((block) => ({ from: Math.max(block.from, from), to: Math.min(block.to, to) }))
    .filter((block) => block.from < block.to);
}
