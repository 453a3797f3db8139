import { errorLine } from '../../src/errors.js';
import { release } from '../../src/memory.js';
import type { NucleiBlock } from '../../src/nuclei/block.js';
import type { Checkpoint } from '../../src/nuclei/journal.js';
import type { StainVectors } from '../../src/nuclei/macenko.js';
import { selectRows } from '../../src/nuclei/select.js';
import { openStitcher, type Stitcher } from '../../src/nuclei/stitcher.js';
import type { Lattice } from '../../src/tissue/lattice.js';
import type { Engine } from '../engine/engine.js';
import { mapsOf, type Batch, type PatchSource } from './maps.js';
import { inOrder } from '../engine/in-order.js';

/** Busy seconds of each stage, summed over threads. */
export interface StageSeconds {
  read: number;
  net: number;
  stitch: number;
  segment: number;
}

/** Result of one batch of patches. */
export interface BatchResult {
  /** Nuclei that the batch completes. */
  readonly block: NucleiBlock;
  /** Number of patches, and of nuclei, so far. */
  readonly position: number;
  readonly nuclei: number;
  /** State from which a run can go on after this batch, if it was wanted; always there after the last batch. */
  readonly checkpoint?: Checkpoint | undefined;
}

/**
 * Error for a checkpoint that does not fit: its state makes no sense here, or the net gives other maps than before it.
 */
export class StaleCheckpoint extends Error {}

/** Says whether a nucleus with its centroid at (x, y) in level-0 px belongs to what was asked for. */
export type Keep = (x: number, y: number) => boolean;

/** What nuclei are looked for in. */
export interface NucleiSource extends PatchSource {
  /** Only nuclei whose centroid it accepts are given. */
  readonly keep?: Keep | undefined;
  /** The slide's own vectors, if stain is measured by them. */
  readonly stain?: StainVectors | undefined;
}

/**
 * Finds the nuclei of a slide, batch by batch: read -> net -> stitch -> segment. All stages are at work at once, and a
 * slow one stops those before it. Nuclei and their order depend on the slide, the model and the list of patches alone.
 * @param wanted whether to give a checkpoint; asked as each batch is stitched, since a checkpoint's cost grows with the
 *   slide
 * @param checkpoint state at which an earlier run of the same work stopped
 * @throws HoverslideError of any stage; StaleCheckpoint before the first batch
 */
export async function* nucleiOf(
  source: NucleiSource,
  engine: Engine,
  seconds: StageSeconds,
  wanted: () => boolean,
  checkpoint?: Checkpoint,
): AsyncGenerator<BatchResult> {
  const { lattice, patchIndices, keep } = source;
  const { batch, workers } = engine.settings;
  const end = patchIndices.length / 2;
  const stitcher = checking(checkpoint, () => openStitcher(lattice, patchIndices, checkpoint?.stitcher));

  const missing = [...new Set(Array.from(stitcher.missing(), (place) => Math.floor(place / batch)))];
  const behind = missing.map((number) => ({ from: number * batch, to: Math.min((number + 1) * batch, end) }));
  const batches = mapsOf(source, [...behind, { from: stitcher.position, to: end }], engine, seconds);
  const stitched = stitch(stitcher, lattice, batches, seconds, () => stitcher.position === end || wanted());
  const segmented = inOrder(stitched, workers + 1, async ({ blobs, ...place }) => {
    const { block, seconds: busy } = await engine.pool.segment({
      blobs,
      constants: engine.seamless,
      stain: source.stain,
    });
    seconds.segment += busy;
    return { ...place, block: keep ? keptRows(keep, block, lattice) : block };
  });
  let nuclei = checkpoint?.nuclei ?? 0;
  for await (const { block, position, saved } of segmented) {
    nuclei += block.count;
    yield { block, position, nuclei, checkpoint: saved && { ...saved, position, nuclei } };
  }
}

/**
 * Runs work that uses the checkpoint, if there is one.
 * @throws StaleCheckpoint if the work fails with a checkpoint; the work's own error if it fails without one
 */
function checking<Result>(checkpoint: Checkpoint | undefined, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw checkpoint ? new StaleCheckpoint(errorLine(error), { cause: error }) : error;
  }
}

interface Stitched {
  readonly blobs: Uint8Array;
  readonly position: number;
  readonly saved: Pick<Checkpoint, 'stitcher' | 'cutBlobs'> | undefined;
}

/**
 * Stitches blobs, batch by batch. Batches from before the checkpoint come first, and only give the stitcher its tiles
 * back.
 */
async function* stitch(
  stitcher: Stitcher,
  lattice: Lattice,
  batches: AsyncIterable<Batch>,
  seconds: StageSeconds,
  wanted: () => boolean,
): AsyncGenerator<Stitched> {
  for await (const batch of batches) {
    const start = performance.now();
    let blobs: Uint8Array | undefined;
    if (batch.from < stitcher.position) refill(stitcher, lattice, batch);
    else blobs = await add(stitcher, lattice, batch);
    release(batch.patches);
    release(batch.maps);
    if (!blobs) continue;
    const { position, cutBlobs } = stitcher;
    const saved = wanted() ? { stitcher: stitcher.save(), cutBlobs } : undefined;
    seconds.stitch += (performance.now() - start) / 1000;
    yield { blobs, position, saved };
  }
}

function add(stitcher: Stitcher, lattice: Lattice, batch: Batch): Promise<Uint8Array> {
  const { patches, maps } = slice(batch, lattice, batch.from, batch.to);
  return stitcher.add(patches, maps);
}

function refill(stitcher: Stitcher, lattice: Lattice, batch: Batch): void {
  for (const place of stitcher.missing()) {
    if (place < batch.from || place >= batch.to) continue;
    const { patches, maps } = slice(batch, lattice, place, place + 1);
    try {
      stitcher.refill(place, patches, maps);
    } catch (error) {
      throw new StaleCheckpoint(errorLine(error), { cause: error });
    }
  }
}

/** Returns patches and maps of places first .. last - 1 of a batch. */
function slice({ from, patches, maps }: Batch, { patch, stride }: Lattice, first: number, last: number) {
  const part = (values: Uint8Array, size: number) =>
    values.subarray((first - from) * size, (last - from) * size);
  return { patches: part(patches, patch * patch * 3), maps: part(maps, stride * stride * 4) };
}

function keptRows(keep: Keep, block: NucleiBlock, { space }: Lattice): NucleiBlock {
  const centroid = (row: number, axis: number) => space.toLevel0(block.centroid[2 * row + axis]!);
  return selectRows(block, (row) => keep(centroid(row, 0), centroid(row, 1)));
}
