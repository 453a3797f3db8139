// Tasks of the Piscina pool: reading patches and post-processing blobs. Each returns how long it took.
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { release } from '../../src/memory.js';
import { segmentBlobs } from '../../src/nuclei/kernel.js';
import { readPatches } from '../../src/slide/patches.js';
import { workerSlide } from '../../src/slide/worker-slide.js';
import type { ReadResult, ReadTask, SegmentResult, SegmentTask } from './pool.js';

export async function read({ source, scale, side, origins, pieces }: ReadTask): Promise<unknown> {
  const start = performance.now();
  const patches = await readPatches(await workerSlide(source), scale, side, origins, pieces);
  const result: ReadResult = { patches, seconds: (performance.now() - start) / 1000 };
  const buffers = patches.map(({ buffer }) => buffer as ArrayBuffer);
  return move({ [transferableSymbol]: buffers, [valueSymbol]: result });
}

export function segment({ blobs, constants, stain }: SegmentTask): SegmentResult {
  const start = performance.now();
  const block = segmentBlobs(blobs, constants, stain);
  release(blobs);
  return { block, seconds: (performance.now() - start) / 1000 };
}
