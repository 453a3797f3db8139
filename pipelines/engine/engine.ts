import { Inference, type InferenceOptions } from '../../src/model/inference.js';
import type { Model } from '../../src/model/model.js';
import { Pool } from './pool.js';

export interface EngineOptions extends InferenceOptions {
  /** Threads that read and post-process. */
  readonly workers: number;
  /** Patches per side of a cell, the unit of reading; a power of two. */
  readonly cell: number;
}

/** What all slides of a run share: the net in its threads, and the pool of workers. */
export interface Engine {
  readonly model: Model;
  /** As given, with the batch that was settled on. */
  readonly options: EngineOptions & { readonly batch: number };
  readonly inference: Inference;
  readonly pool: Pool;
  close(): Promise<void>;
}

/** @throws HoverslideError as Inference.open does */
export async function openEngine(model: Model, options: EngineOptions): Promise<Engine> {
  const inference = await Inference.open(model, options);
  const pool = new Pool(options.workers);
  const close = async () => {
    await Promise.all([inference.close(), pool.close()]);
  };
  return { model, options: { ...options, batch: inference.batch }, inference, pool, close };
}
