import type { Model } from '../../src/model/model.js';
import { openEngine, type Engine, type EngineOptions } from './engine.js';

/**
 * The engines for a cohort's models. Each is opened when first needed and shared by the slides that need it. Memory holds
 * one net, except while a slide still uses an engine that was given up.
 */
export class Engines {
  #current: Engine | undefined;
  /** Number of slides that use an engine. */
  readonly #users = new Map<Engine, number>();
  readonly #closing: Promise<void>[] = [];
  #opening: Promise<unknown> = Promise.resolve();
  #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /**
   * Returns the engine of a model, for one slide, which has to release it. Opens it if it is not the one that is open.
   * @throws HoverslideError as openEngine does
   */
  take(model: Model): Promise<Engine> {
    const taken = this.#opening.then(() => this.#take(model)); // never two at a time
    this.#opening = taken.catch(() => {});
    return taken;
  }

  async #take(model: Model): Promise<Engine> {
    if (this.#current?.model.hash !== model.hash) {
      this.giveUp();
      await Promise.all(this.#closing.splice(0));
      this.#current = await openEngine(model, this.#options);
    }
    const engine = this.#current;
    this.#users.set(engine, (this.#users.get(engine) ?? 0) + 1);
    return engine;
  }

  /** Says that a slide needs an engine no more. */
  release(engine: Engine): void {
    const users = this.#users.get(engine)! - 1;
    this.#users.set(engine, users);
    if (users === 0 && engine !== this.#current) this.#close(engine);
  }

  /**
   * Halves the batch size for all that follows, after a device ran out of memory. Memory that did not suffice for one
   * slide will hardly suffice for the next.
   * @param failed the engine whose device it was
   * @returns patches per batch; undefined if there is no half
   */
  halveBatch(failed: Engine): number | undefined {
    if (failed !== this.#current) return this.#options.batch; // another slide has met it too
    const batch = Math.floor(failed.settings.batch / 2);
    if (batch === 0) return undefined;
    this.giveUp();
    this.#options = { ...this.#options, batch };
    return batch;
  }

  /**
   * Has the next slide open an engine of its own, which leaves out the devices that were lost. The present one is closed
   * when no slide uses it.
   */
  giveUp(): void {
    const engine = this.#current;
    this.#current = undefined;
    if (!engine) return;
    const { devices } = engine.inference;
    if (devices) this.#options = { ...this.#options, devices };
    if (!this.#users.get(engine)) this.#close(engine);
  }

  /** Closes all engines. No slide may use one any more. */
  async close(): Promise<void> {
    this.giveUp();
    await Promise.all(this.#closing.splice(0));
  }

  #close(engine: Engine): void {
    this.#users.delete(engine);
    this.#closing.push(engine.close());
  }
}
