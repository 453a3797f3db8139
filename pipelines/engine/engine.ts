import { ownedCores } from '../../src/machine.js';
import { Inference, type InferenceOptions } from '../../src/model/inference.js';
import { seamlessOf, type Seamless } from '../../src/model/card.js';
import type { Model } from '../../src/model/model.js';
import { Pool } from './pool.js';
import { Tables } from './tables.js';

/** Options of the net and the work around it. Only `batch` may change a result, and only on a GPU. */
export interface EngineOptions extends Partial<InferenceOptions> {
  /** Threads that read and post-process; by default as many as the cores that the job owns. */
  readonly workers?: number;
  /**
   * Patches per side of a read block, the square that is read at once; a power of two, by default 4, and fewer for nets
   * of large patches.
   */
  readonly readBlock?: number | undefined;
}

/** The options in force, with all defaults filled in. */
export type EngineSettings = InferenceOptions & Readonly<Record<'workers' | 'readBlock' | 'batch', number>>;

/** The parts that all slides of a run share: the net in its threads, the pool of workers, the thread of the tables. */
export interface Engine {
  readonly model: Model;
  /** The constants of its post-processing. */
  readonly seamless: Seamless;
  readonly settings: EngineSettings;
  readonly inference: Inference;
  readonly pool: Pool;
  readonly tables: Tables;
  close(): Promise<void>;
}

/** Returns the defaults of all options but the batch and the read block, which depend on the provider and the net. */
export function defaultEngineOptions() {
  const cores = ownedCores();
  return { provider: 'auto', threads: cores, workers: cores } as const;
}

/** Side of the region in model px that a reader holds at most, unless the user names a read block. */
const largestRead = 1024;

function defaultReadBlock(stride: number): number {
  return [4, 2].find((side) => side * stride <= largestRead) ?? 1;
}

/**
 * Opens the net on its devices and the pool of workers.
 * @throws HoverslideError as Inference.open does, and `model` if the card has no constants of post-processing
 */
export async function openEngine(model: Model, options: EngineOptions = {}): Promise<Engine> {
  const seamless = seamlessOf(model);
  const readBlock = options.readBlock ?? defaultReadBlock(model.card.stride);
  const chosen = { ...defaultEngineOptions(), ...options, readBlock };
  const inference = await Inference.open(model, chosen);
  const pool = new Pool(chosen.workers);
  const tables = new Tables();
  const close = async () => {
    await Promise.all([inference.close(), pool.close(), tables.close()]);
  };
  return { model, seamless, settings: { ...chosen, batch: inference.batch }, inference, pool, tables, close };
}
