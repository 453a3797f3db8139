import { Piscina } from 'piscina';
import { ownedCores } from '../../src/machine.js';
import type { SlideSource } from '../../src/slide/slide.js';
import { ByteCache } from '../../src/view/byte-cache.js';
import type { Tile } from '../../src/view/tiles.js';
import type { TileTask } from './tile-worker.js';

/** Bytes of tiles that are kept: some 1,500 of them. */
const kept = 64e6;

/** More threads than this only wait for each other's disk. */
const mostThreads = 4;

interface Wanted {
  readonly promise: Promise<Uint8Array>;
  /** Requests that still wait for it. */
  waiting: number;
}

/** Reads and encodes tiles in threads of their own, each once. Those that nobody waits for any more are not begun. */
export class TilePool {
  readonly #cache = new ByteCache(kept);
  readonly #wanted = new Map<string, Wanted>();
  readonly #queue: (() => void)[] = [];
  readonly #piscina: Piscina;
  #free: number;

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
   * @param name of the tile: the same for the same picture only
   * @param signal that is aborted when the tile is not wanted any more
   * @throws Error as the slide's reader; the signal's reason
   */
  async tile(name: string, source: SlideSource, tile: Tile, signal: AbortSignal): Promise<Uint8Array> {
    const known = this.#cache.get(name);
    if (known) return known;
    signal.throwIfAborted();
    const wanted = this.#wanted.get(name) ?? this.#want(name, { source, tile });
    wanted.waiting++;
    const leave = () => wanted.waiting--;
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await wanted.promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
  }

  #want(name: string, task: TileTask): Wanted {
    const wanted: Wanted = { promise: this.#make(name, task), waiting: 0 };
    this.#wanted.set(name, wanted);
    return wanted;
  }

  async #make(name: string, task: TileTask): Promise<Uint8Array> {
    try {
      // Piscina would stop a thread whose task is aborted, so it gets only what is begun at once.
      if (this.#free === 0) await new Promise<void>((resolve) => this.#queue.push(resolve));
      else this.#free--;
      try {
        if (this.#wanted.get(name)?.waiting === 0) throw new Error('nobody waits for this tile');
        const jpeg = (await this.#piscina.run(task)) as Uint8Array;
        this.#cache.set(name, jpeg);
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
}
