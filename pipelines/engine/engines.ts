import type { Model } from '../../src/model/model.js';
import { openEngine, type Engine, type EngineOptions } from './engine.js';

/** The engine of a cohort's models: opened when first needed, one at a time, so that memory holds one net. */
export class Engines {
  #engine: Engine | undefined;
  #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** @throws HoverslideError as openEngine does */
  async for(model: Model): Promise<Engine> {
    if (this.#engine?.model.hash !== model.hash) {
      await this.close();
      this.#engine = await openEngine(model, this.#options);
    }
    return this.#engine;
  }

  /**
   * After a device ran out of memory: batches of half the size from here on, since what was not there for one slide will
   * hardly be there for the next.
   * @returns patches per batch; undefined if there is no half
   */
  async halveBatch(): Promise<number | undefined> {
    const batch = Math.floor((this.#engine?.settings.batch ?? 0) / 2);
    if (batch === 0) return undefined;
    await this.close();
    this.#options = { ...this.#options, batch };
    return batch;
  }

  /** What is opened after this leaves out the devices that were lost. */
  async close(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    const devices = engine?.inference.devices;
    if (devices) this.#options = { ...this.#options, devices };
    await engine?.close();
  }
}
