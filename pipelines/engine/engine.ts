import { ownedCores } from '../../src/machine.js';
import { Inference, type InferenceOptions } from '../../src/model/inference.js';
import type { Model } from '../../src/model/model.js';
import { Pool } from './pool.js';

/** Options of the net and the work around it. Only `batch` may change a result, and only on a GPU. */
export interface EngineOptions extends Partial<InferenceOptions> {
  /** Threads that read and post-process; by default as many as the cores that the job owns. */
  readonly workers?: number;
  /** Patches per side of a read block, the square that is read at once; a power of two, by default 4. */
  readonly readBlock?: number;
}

/** The options in force, with all defaults filled in. */
export type EngineSettings = InferenceOptions &
  Required<Pick<EngineOptions, 'workers' | 'readBlock'>> & { readonly batch: number };

/** The parts that all slides of a run share: the net in its threads, and the pool of workers. */
export interface Engine {
  readonly model: Model;
  readonly settings: EngineSettings;
  readonly inference: Inference;
  readonly pool: Pool;
  close(): Promise<void>;
}

/** Returns the defaults of all options but the batch, which the provider chooses. */
export function defaultEngineOptions() {
  const cores = ownedCores();
  return { provider: 'auto', threads: cores, workers: cores, readBlock: 4 } as const;
}

/**
 * Opens the net on its devices and the pool of workers.
 * @throws HoverslideError as Inference.open does
 */
export async function openEngine(model: Model, options: EngineOptions = {}): Promise<Engine> {
  const chosen = { ...defaultEngineOptions(), ...options };
  const inference = await Inference.open(model, chosen);
  const pool = new Pool(chosen.workers);
  const close = async () => {
    await Promise.all([inference.close(), pool.close()]);
  };
  return { model, settings: { ...chosen, batch: inference.batch }, inference, pool, close };
}
