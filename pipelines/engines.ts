import type { Model } from '../src/model/model.js';
import { openEngine, type Engine, type EngineOptions } from './engine.js';

/** The engine of a cohort's models: opened when first needed, one at a time, so that memory holds one net. */
export class Engines {
  #engine: Engine | undefined;

  constructor(private readonly options: EngineOptions) {}

  /** @throws HoverslideError as openEngine does */
  async for(model: Model): Promise<Engine> {
    if (this.#engine?.model.hash !== model.hash) {
      await this.close();
      this.#engine = await openEngine(model, this.options);
    }
    return this.#engine;
  }

  async close(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    await engine?.close();
  }
}
