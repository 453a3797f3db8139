import { setTimeout } from 'node:timers/promises';
import { Piscina } from 'piscina';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { ownedCores } from '../../src/machine.js';
import { Lru } from '../../src/view/lru.js';
import type { Tile } from '../../src/view/tiles.js';
import type { FoundSlide } from './open-slides.js';
import { Refusal } from './reply.js';
import type { TileTask } from './tile-worker.js';

/** Bytes of tiles that are kept: some 800 of them. */
const kept = 32e6;

/** A screen has some fifteen tiles, and each thread takes memory. */
const mostThreads = 3;

/** Milliseconds for which the end waits for tiles that are being read. */
const patience = 10_000;

/** Slides that are kept open: two of them can lie side by side. */
const keptOpen = 2;

interface Wanted {
  readonly promise: Promise<Uint8Array>;
  /** Requests that still wait for it. */
  waiting: number;
}

/** Reads and encodes tiles in threads of their own, each once. Those that nobody waits for any more are not begun. */
export class TilePool {
  readonly #cache = new Lru<string, Uint8Array>(kept);
  readonly #wanted = new Map<string, Wanted>();
  readonly #queue: (() => void)[] = [];
  /** The last one last. */
  #lookedAt: readonly string[] = [];
  readonly #piscina: Piscina;
  readonly #running = new Set<Promise<unknown>>();
  #free: number;
  #closed = false;

  constructor(threads = Math.min(ownedCores(), mostThreads)) {
    this.#free = threads;
    this.#piscina = new Piscina({
      filename: new URL('./tile-worker.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: Infinity,
    });
  }

  /**
   * Returns a tile as JPEG.
   * @param slide that it is of
   * @param name of the tile: the same for the same picture only
   * @param signal that is aborted when the tile is not wanted any more
   * @throws HoverslideError `input` where the slide cannot be read; the signal's reason
   */
  async tile(slide: FoundSlide, name: string, tile: Tile, signal: AbortSignal): Promise<Uint8Array> {
    const known = this.#cache.get(name);
    if (known) return known;
    signal.throwIfAborted();
    const wanted = this.#wanted.get(name) ?? this.#want(name, slide, tile);
    wanted.waiting++;
    const leave = () => wanted.waiting--;
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await wanted.promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Begins no more tiles, and ends when those that are being read have come to their end: a thread is not cut off amid one. */
  async close(): Promise<void> {
    this.#closed = true;
    const waited = new AbortController();
    await Promise.race([
      Promise.allSettled(this.#running),
      setTimeout(patience, undefined, { signal: waited.signal }).catch(() => undefined),
    ]);
    waited.abort();
    await this.#piscina.destroy();
  }

  #want(name: string, slide: FoundSlide, tile: Tile): Wanted {
    const wanted: Wanted = { promise: this.#make(name, slide, tile), waiting: 0 };
    this.#wanted.set(name, wanted);
    return wanted;
  }

  async #make(name: string, { seen, source }: FoundSlide, tile: Tile): Promise<Uint8Array> {
    try {
      // Piscina would stop a thread whose task is aborted, so it gets only what is begun at once.
      if (this.#free === 0) await new Promise<void>((resolve) => this.#queue.push(resolve));
      else this.#free--;
      try {
        if (this.#closed) throw new Refusal(503, 'the viewer is being closed');
        if (this.#wanted.get(name)?.waiting === 0) throw new Error('nobody waits for this tile');
        this.#lookedAt = [...this.#lookedAt.filter((other) => other !== seen), seen].slice(-keptOpen);
        const task: TileTask = { source, slide: seen, lookedAt: this.#lookedAt, tile };
        const jpeg = await this.#run(task);
        this.#cache.set(name, jpeg, jpeg.length);
        return jpeg;
      } finally {
        const next = this.#queue.shift();
        if (next) next();
        else this.#free++;
      }
    } finally {
      this.#wanted.delete(name);
    }
  }

  async #run(task: TileTask): Promise<Uint8Array> {
    const running = this.#piscina.run(task) as Promise<Uint8Array>;
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw new HoverslideError('input', errorLine(error), { cause: error }); // its class is lost between threads
    } finally {
      this.#running.delete(running);
    }
  }
}
