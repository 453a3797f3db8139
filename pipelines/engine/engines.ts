import type { Model } from '../../src/model/model.js';
import { openEngine, type Engine, type EngineOptions } from './engine.js';

/**
 * The engine for a cohort's models. It is opened when first needed. Only one is open at a time, so that memory holds
 * one net.
 */
export class Engines {
  #engine: Engine | undefined;
  #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /**
   * Returns the engine of a model. Opens it if it is not the one that is open.
   * @throws HoverslideError as openEngine does
   */
  async for(model: Model): Promise<Engine> {
    if (this.#engine?.model.hash !== model.hash) {
      await this.close();
      this.#engine = await openEngine(model, this.#options);
    }
    return this.#engine;
  }

  /**
   * Halves the batch size for all that follows, after a device ran out of memory. Memory that did not suffice for one
   * slide will hardly suffice for the next.
   * @returns patches per batch; undefined if there is no half
   */
  async halveBatch(): Promise<number | undefined> {
    const batch = Math.floor((this.#engine?.settings.batch ?? 0) / 2);
    if (batch === 0) return undefined;
    await this.close();
    this.#options = { ...this.#options, batch };
    return batch;
  }

  /** Closes the engine. An engine that is opened after this leaves out the devices that were lost. */
  async close(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    const devices = engine?.inference.devices;
    if (devices) this.#options = { ...this.#options, devices };
    await engine?.close();
  }
}
