import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inference, type InferenceOptions } from '../../src/model/inference.js';
import type { Model } from '../../src/model/model.js';
import { readRunRecord } from '../../src/table/run-record.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { openEngine, type EngineOptions } from '../engine/engine.js';
import { runSlide } from './run-slide.js';

export interface NetSpeed {
  readonly provider: string;
  readonly device: string | null;
  readonly batch: number;
  readonly patchesPerSecond: number;
}

/**
 * Measures how fast the bare net is, after a batch to warm up. Two batches are in flight per device, as in a run.
 * @param seconds how long to measure at least; never less than four batches
 * @throws HoverslideError as Inference.open does
 */
export async function netSpeed(model: Model, options: InferenceOptions, seconds: number): Promise<NetSpeed> {
  const inference = await Inference.open(model, options);
  try {
    const { provider, device, batch, width } = inference;
    const buffers = Array.from({ length: 2 * width }, () => noise(batch, model));
    const runWhile = async (wanted: (done: number) => boolean) => {
      let done = 0;
      const lane = async (_: unknown, k: number) => {
        for (; wanted(done); done++) ({ patches: buffers[k] } = await inference.run(buffers[k]!));
      };
      await Promise.all(buffers.map(lane));
      return done;
    };
    await runWhile((done) => done === 0);
    const start = performance.now();
    const elapsed = () => (performance.now() - start) / 1000;
    const batches = await runWhile((done) => done < 4 || elapsed() < seconds);
    const patchesPerSecond = (batches * batch) / elapsed();
    return { provider, device, batch, patchesPerSecond };
  } finally {
    await inference.close();
  }
}

/** Returns values in no order, as tissue has them. With equal values a processor would have less work. */
function noise(count: number, { card }: Model): Uint8Array {
  const patches = new Uint8Array(count * card.patch ** 2 * 3);
  let state = 1;
  for (let k = 0; k < patches.length; k++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    patches[k] = state >>> 24;
  }
  return patches;
}

export interface PipelineSpeed {
  readonly patches: number;
  /** Patches per second while the slide streams, without opening it and writing its tables. */
  readonly patchesPerSecond: number;
  /** Share of the slide's wall time in which the net's devices were at work. */
  readonly deviceBusy: number;
  /** Busy seconds of each stage, summed over threads, and the wall time. */
  readonly seconds: Readonly<Record<string, number>>;
}

/**
 * Measures how fast a whole slide is. Its results go into a folder that is removed again.
 * @throws HoverslideError as runSlide does
 */
export async function pipelineSpeed(
  slide: string,
  model: Model,
  options: EngineOptions,
): Promise<PipelineSpeed> {
  const out = await mkdtemp(join(tmpdir(), 'hoverslide-bench-'));
  const engine = await openEngine(model, options);
  try {
    const { folder } = await runSlide(slide, out, engine, { tissueMask: true, formats: ['parquet'] });
    const record = await readRunRecord(new SlideFolder(folder).record);
    const { patches, device_busy: deviceBusy, seconds } = record;
    return {
      patches,
      deviceBusy,
      seconds,
      patchesPerSecond: patches / (seconds.wall - seconds.publish),
    };
  } finally {
    await engine.close();
    await rm(out, { recursive: true, force: true });
  }
}
