import { errorLine } from '../src/errors.js';
import type { NucleiBlock } from '../src/nuclei/block.js';
import type { Checkpoint } from '../src/nuclei/journal.js';
import { selectRows } from '../src/nuclei/select.js';
import { openStitcher, type Stitcher } from '../src/nuclei/stitcher.js';
import type { Slide } from '../src/slide/slide.js';
import type { Lattice } from '../src/tissue/lattice.js';
import { isInside, type Roi } from '../src/tissue/roi.js';
import { cellsOf, within, type Cell } from './cells.js';
import type { Engine } from './engine.js';
import { inOrder } from './stage.js';

/** Batches at each device of the net at a time: one in it, one waiting, so that it never waits itself. */
const batchesInFlight = 2;

/** Busy seconds of each stage, summed over threads. */
export interface StageSeconds {
  read: number;
  net: number;
  stitch: number;
  segment: number;
}

/** What one cell adds: its nuclei, and where to go on behind it. */
export interface CellResult extends Checkpoint {
  readonly block: NucleiBlock;
}

interface Batch {
  /** Place in the run of its first patch; a multiple of the batch size. */
  readonly from: number;
  readonly count: number;
  readonly patches: Uint8Array;
  readonly maps: Uint8Array;
}

/** A checkpoint that does not fit: its state makes no sense here, or the net gives other maps than it did before it. */
export class StaleCheckpoint extends Error {}

/** What nuclei are looked for in. */
export interface NucleiSource {
  readonly slide: Slide;
  readonly lattice: Lattice;
  /** Patches (i, j) that the net sees, in Z-order, [n, 2]. */
  readonly run: Uint32Array;
  /** Only nuclei whose centroid lies here are given. */
  readonly roi?: Roi | undefined;
}

/**
 * The nuclei of a slide, cell by cell: read -> net -> stitch -> segment, all at work at once, each holding the ones
 * before it when it is slow. Nuclei and their order depend on the slide, the model and the run of patches alone.
 * @param checkpoint where an earlier run of the same stopped
 * @throws HoverslideError of any stage; StaleCheckpoint before the first cell
 */
export async function* nucleiOf(
  source: NucleiSource,
  engine: Engine,
  seconds: StageSeconds,
  checkpoint?: Checkpoint,
): AsyncGenerator<CellResult> {
  const { lattice, run, roi } = source;
  const { batch, cell, workers } = engine.options;
  const cells = cellsOf(run, cell);
  const end = run.length / 2;
  const stitcher = checking(checkpoint, () => openStitcher(lattice, run, checkpoint?.stitcher));
  const mapsOf = (ranges: readonly Cell[]) => runNet(source, cells, ranges, engine, seconds);

  const batches = [...new Set(Array.from(stitcher.missing(), (place) => Math.floor(place / batch)))];
  const refills = batches.map((number) => ({
    from: number * batch,
    to: Math.min((number + 1) * batch, end),
  }));
  for await (const result of mapsOf(refills)) checking(checkpoint, () => refill(stitcher, lattice, result));

  // The batch at the stop is run again as a whole: batches are fixed, whatever happened between.
  const from = Math.floor(stitcher.position / batch) * batch;
  const stitched = stitch(stitcher, lattice, mapsOf([{ from, to: end }]), cells, seconds);
  const segmented = inOrder(stitched, workers + 1, async ({ blobs, ...behind }) => {
    const { block, seconds: busy } = await engine.pool.segment({
      blobs,
      constants: engine.model.card.seamless,
    });
    seconds.segment += busy;
    return { ...behind, block: roi ? rowsInside(roi, block, lattice) : block };
  });
  let nuclei = checkpoint?.nuclei ?? 0;
  for await (const cell of segmented) {
    nuclei += cell.block.count;
    yield { ...cell, nuclei };
  }
}

/** Whatever fails here is the checkpoint's fault, if there is one. */
function checking<Result>(checkpoint: Checkpoint | undefined, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw checkpoint ? new StaleCheckpoint(errorLine(error), { cause: error }) : error;
  }
}

/** Maps of the patches in some ranges of the run, in batches cut at multiples of the batch size. */
async function* runNet(
  { slide, lattice, run }: NucleiSource,
  cells: readonly Cell[],
  ranges: readonly Cell[],
  engine: Engine,
  seconds: StageSeconds,
): AsyncGenerator<Batch> {
  const { inference, pool, options } = engine;
  const { patch, stride, space } = lattice;
  const reads = inOrder(
    ofArray(ranges.flatMap(({ from, to }) => within(cells, from, to))),
    options.workers + 1,
    async (cell) => {
      const origins = Int32Array.from(
        run.subarray(2 * cell.from, 2 * cell.to),
        (index) => index * stride - (patch - stride) / 2,
      );
      const { patches, seconds: busy } = await pool.read({
        source: slide.source,
        scale: space.scale,
        side: patch,
        origins,
      });
      seconds.read += busy;
      return { ...cell, patches };
    },
  );
  const limit = batchesInFlight * inference.width;
  yield* inOrder(inBatches(reads, options.batch, patch * patch * 3), limit, async (batch) => {
    const { patches, maps, seconds: busy } = await inference.run(batch.patches);
    seconds.net += busy;
    return { ...batch, patches, maps };
  });
}

async function* ofArray<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

/** Fills batches with the patches that were read; what is left of a last one stays black. */
async function* inBatches(
  reads: AsyncIterable<Cell & { patches: Uint8Array }>,
  batch: number,
  patchBytes: number,
): AsyncGenerator<Omit<Batch, 'maps'>> {
  let filled: { from: number; count: number; patches: Uint8Array } | undefined;
  for await (const { from, to, patches } of reads) {
    for (let place = from; place < to; place++) {
      if (filled && Math.floor(place / batch) !== Math.floor(filled.from / batch)) {
        yield filled;
        filled = undefined;
      }
      filled ??= { from: place, count: 0, patches: new Uint8Array(batch * patchBytes) };
      filled.patches.set(
        patches.subarray((place - from) * patchBytes, (place - from + 1) * patchBytes),
        filled.count * patchBytes,
      );
      filled.count++;
    }
  }
  if (filled) yield filled;
}

/** Puts blobs together, cell by cell. */
async function* stitch(
  stitcher: Stitcher,
  lattice: Lattice,
  batches: AsyncIterable<Batch>,
  cells: readonly Cell[],
  seconds: StageSeconds,
): AsyncGenerator<Omit<Checkpoint, 'nuclei'> & { blobs: Uint8Array }> {
  const ends = cells.map(({ to }) => to).filter((to) => to > stitcher.position);
  let parts: Uint8Array[] = [];
  for await (const batch of batches) {
    while (stitcher.position < batch.from + batch.count) {
      const first = stitcher.position;
      const last = Math.min(ends[0]!, batch.from + batch.count);
      const start = performance.now();
      const { patches, maps } = slice(batch, lattice, first, last);
      parts.push(await stitcher.add(patches, maps));
      seconds.stitch += (performance.now() - start) / 1000;
      if (last < ends[0]!) continue;
      ends.shift();
      const { position, cutBlobs } = stitcher;
      yield { blobs: concatenated(parts), position, stitcher: stitcher.save(), cutBlobs };
      parts = [];
    }
  }
}

function refill(stitcher: Stitcher, lattice: Lattice, batch: Batch): void {
  for (const place of stitcher.missing()) {
    if (place < batch.from || place >= batch.from + batch.count) continue;
    const { patches, maps } = slice(batch, lattice, place, place + 1);
    stitcher.refill(place, patches, maps);
  }
}

/** Patches and maps of places first .. last - 1 of a batch. */
function slice({ from, patches, maps }: Batch, { patch, stride }: Lattice, first: number, last: number) {
  const part = (values: Uint8Array, size: number) =>
    values.subarray((first - from) * size, (last - from) * size);
  return { patches: part(patches, patch * patch * 3), maps: part(maps, stride * stride * 4) };
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function rowsInside(roi: Roi, block: NucleiBlock, { space }: Lattice): NucleiBlock {
  const centroid = (row: number, axis: number) => space.toLevel0(block.centroid[2 * row + axis]!);
  return selectRows(block, (row) => isInside(roi, centroid(row, 0), centroid(row, 1)));
}
