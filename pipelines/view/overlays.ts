import { Piscina } from 'piscina';
import { HoverslideError } from '../../src/errors.js';
import { Overlay } from '../../src/overlay/read.js';
import type { ListedSlide } from './cohort-list.js';
import type { OverlayFound, OverlayTask } from './overlay-worker.js';
import { versionOf } from './slide-facts.js';

/** Overlays that are kept open. */
const keptOpen = 12;
/** Milliseconds after which a thread that makes overlays ends. */
const idle = 30_000;

interface Entry {
  /** Of the table that the overlay is of. */
  readonly version: string;
  readonly overlay: Promise<Overlay>;
  users: number;
  /** Whether it is closed when its last user has done. */
  retired: boolean;
}

/** The overlays of slides, found or made once for all who ask. */
export class Overlays {
  readonly #open = new Map<string, Entry>();
  readonly #piscina = new Piscina({
    filename: new URL('./overlay-worker.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: idle,
  });

  /**
   * @param cache folder for overlays that cannot lie beside their table
   * @param notice told why an overlay is made anew
   */
  constructor(
    private readonly cache: string,
    private readonly notice: (line: string) => void,
  ) {}

  /**
   * Works with the overlay of a slide. One that turns out to be damaged is made anew, once.
   * @throws HoverslideError as overlayOf
   */
  async use<T>(slide: ListedSlide, work: (overlay: Overlay) => Promise<T>): Promise<T> {
    try {
      return await this.#use(slide, work, false);
    } catch (error) {
      if (!(error instanceof HoverslideError && error.kind === 'input')) throw error;
      return await this.#use(slide, work, true);
    }
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
    await Promise.all([...this.#open.keys()].map((key) => this.#retire(key)));
  }

  async #use<T>(
    { key, folder }: ListedSlide,
    work: (overlay: Overlay) => Promise<T>,
    thorough: boolean,
  ): Promise<T> {
    const version = await versionOf(folder.table('parquet'));
    const before = this.#open.get(key);
    const isGood = before?.version === version;
    if (before && !isGood) await this.#retire(key);
    const entry =
      before && isGood
        ? before
        : {
            version,
            overlay: this.#find({ folder: folder.path, cache: this.cache, thorough }),
            users: 0,
            retired: false,
          };
    this.#open.delete(key);
    this.#open.set(key, entry); // at the end, where the last used one is
    entry.users++;
    try {
      return await work(await entry.overlay);
    } catch (error) {
      if (error instanceof HoverslideError && this.#open.get(key) === entry) await this.#retire(key);
      throw error;
    } finally {
      entry.users--;
      if (entry.retired) await closeUnused(entry);
      const [oldest] = this.#open.keys();
      if (this.#open.size > keptOpen) await this.#retire(oldest!);
    }
  }

  /** Forgets an overlay, and closes it when nobody reads from it any more. */
  async #retire(key: string): Promise<void> {
    const entry = this.#open.get(key)!;
    this.#open.delete(key);
    entry.retired = true;
    await closeUnused(entry);
  }

  async #find(task: OverlayTask): Promise<Overlay> {
    const found = (await this.#piscina.run(task)) as OverlayFound;
    if ('error' in found) throw new HoverslideError(found.kind, found.error);
    found.notices.forEach(this.notice);
    return Overlay.open(found.path);
  }
}

async function closeUnused({ users, overlay }: Entry): Promise<void> {
  if (users > 0) return;
  const open = await overlay.catch(() => undefined); // that it could not be opened its users know
  await open?.close();
}
