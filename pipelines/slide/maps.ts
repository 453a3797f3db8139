import { release } from '../../src/memory.js';
import type { Slide } from '../../src/slide/slide.js';
import type { Lattice } from '../../src/tissue/lattice.js';
import { readBlocksOf, clipToRange, type PatchRange } from './read-blocks.js';
import type { Engine } from '../engine/engine.js';
import { inOrder } from '../engine/in-order.js';

/** Batches at each device of the net at a time: one in the net and one waiting, so that the net never waits. */
const batchesInFlight = 2;

/** Patches of a slide that go through the net. */
export interface PatchSource {
  readonly slide: Slide;
  readonly lattice: Lattice;
  /** Patches (i, j) in Z-order, [n, 2]. */
  readonly patchIndices: Uint32Array;
}

/** Output of the net for one batch of the list of patches. On a GPU entries after its range are padding. */
export interface Batch extends PatchRange {
  /** Pixels, uint8 [count, patch, patch, 3], where count is the size of the range, or of a full batch. */
  readonly patches: Uint8Array;
  /** Maps, uint8 [count, stride, stride, 4]. */
  readonly maps: Uint8Array;
}

/**
 * Yields the net's maps for ranges of the list of patches, batch by batch. Batches lie at multiples of the batch size.
 * So a patch always has the same other patches in its batch. This depends neither on the read blocks nor on where a run
 * goes on.
 * @param ranges begin at multiples of the batch size, and end at one or with the list
 * @param seconds grow by the busy time of readers and net
 */
export async function* mapsOf(
  { slide, lattice, patchIndices }: PatchSource,
  ranges: readonly PatchRange[],
  { inference, pool, settings }: Engine,
  seconds: { read: number; net: number },
): AsyncGenerator<Batch> {
  const { patch, stride, space } = lattice;
  const blocks = readBlocksOf(patchIndices, settings.readBlock);
  const reads = inOrder(
    each(ranges.flatMap((range) => clipToRange(blocks, range))),
    settings.workers + 1,
    async (range) => {
      const parts = cutAtBatches(range, settings.batch);
      const { patches, seconds: busy } = await pool.read({
        source: slide.source,
        scale: space.scale,
        side: patch,
        origins: Int32Array.from(
          patchIndices.subarray(2 * range.from, 2 * range.to),
          (index) => index * stride - (patch - stride) / 2,
        ),
        pieces: parts.map(({ from, to }) => to - from),
      });
      seconds.read += busy;
      return parts.map((part, k) => ({ ...part, patches: patches[k]! }));
    },
  );
  // On the CPU a patch's maps do not depend on the batch that it is in, so the last one need not be full.
  const padded = inference.provider !== 'cpu';
  const batches = inBatches(reads, patch * patch * 3, settings.batch, padded);
  yield* inOrder(batches, batchesInFlight * inference.width, async ({ from, to, patches: given }) => {
    const { patches, maps, seconds: busy } = await inference.run(given);
    seconds.net += busy;
    return { from, to, patches, maps };
  });
}

interface Patches extends PatchRange {
  readonly patches: Uint8Array;
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

function cutAtBatches({ from, to }: PatchRange, batch: number): PatchRange[] {
  const parts: PatchRange[] = [];
  for (let start = from; start < to;) {
    const end = Math.min((Math.floor(start / batch) + 1) * batch, to);
    parts.push({ from: start, to: end });
    start = end;
  }
  return parts;
}

/**
 * Joins the parts of a batch that come from several read blocks.
 * @param bytes of a patch
 * @param padded whether the last batch is filled up with black patches
 */
async function* inBatches(
  reads: AsyncIterable<readonly Patches[]>,
  bytes: number,
  batch: number,
  padded: boolean,
): AsyncGenerator<Patches> {
  let open: Patches | undefined;
  for await (const parts of reads) {
    for (const part of parts) {
      const whole: Patches = open
        ? { ...open, to: part.to }
        : {
            ...part,
            patches: part.patches.length === bytes * batch ? part.patches : new Uint8Array(bytes * batch),
          };
      if (whole.patches !== part.patches) {
        whole.patches.set(part.patches, (part.from - whole.from) * bytes);
        release(part.patches);
      }
      open = whole.to % batch === 0 ? undefined : whole;
      if (!open) yield whole;
    }
  }
  if (!open) return;
  yield padded ? open : { ...open, patches: open.patches.subarray(0, (open.to - open.from) * bytes) };
}
