// Tasks of the Piscina pool: reading patches and post-processing blobs. Each says how long it took.
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { segmentBlobs } from '../src/nuclei/kernel.js';
import { readPatches } from '../src/slide/patches.js';
import { workerSlide } from '../src/slide/worker-slide.js';
import type { ReadResult, ReadTask, SegmentResult, SegmentTask } from './pool.js';

export async function read({ source, scale, side, origins }: ReadTask): Promise<unknown> {
  const start = performance.now();
  const patches = await readPatches(await workerSlide(source), scale, side, origins);
  const result: ReadResult = { patches, seconds: (performance.now() - start) / 1000 };
  return move({ [transferableSymbol]: [patches.buffer as ArrayBuffer], [valueSymbol]: result });
}

export function segment({ blobs, constants }: SegmentTask): SegmentResult {
  const start = performance.now();
  const block = segmentBlobs(blobs, constants);
  return { block, seconds: (performance.now() - start) / 1000 };
}
