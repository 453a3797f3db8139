import { Piscina } from 'piscina';
import { HoverslideError } from '../../src/errors.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { openNuclei, type OpenNuclei } from '../overlay/open-nuclei.js';
import type { ListedSlide } from './cohort-list.js';
import type { OverlayFound, OverlayTask } from './overlay-worker.js';
import { versionOf } from './slide-facts.js';

/** Slides that are kept open: what is known of a table of ten million nuclei takes tens of megabytes. */
const keptOpen = 4;
/** Milliseconds after which a thread that makes overlays ends. */
const idle = 30_000;

interface Entry {
  /** Of the table. */
  readonly version: string;
  readonly nuclei: Promise<OpenNuclei>;
  users: number;
  /** Whether it is closed when its last user has done. */
  retired: boolean;
}

/** The nuclei of slides, with their overlays, which are made once for all who ask. */
export class NucleiOfSlides {
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
   * Works with the nuclei of a slide. An overlay that turns out to be damaged is made anew, once.
   * @throws HoverslideError as openNuclei, and as `work` does
   */
  async use<T>(slide: ListedSlide, work: (nuclei: OpenNuclei) => Promise<T>): Promise<T> {
    try {
      return await this.#use(slide, work, false);
    } catch (error) {
      if (!isFault(error) || error.kind !== 'input') throw error;
      return await this.#use(slide, work, true);
    }
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
    await Promise.all([...this.#open.keys()].map((key) => this.#retire(key)));
  }

  async #use<T>(
    { key, folder }: ListedSlide,
    work: (nuclei: OpenNuclei) => Promise<T>,
    thorough: boolean,
  ): Promise<T> {
    const version = (await Promise.all([folder.table('parquet'), folder.features].map(versionOf))).join();
    const before = this.#open.get(key);
    const isGood = before?.version === version;
    if (before && !isGood) await this.#retire(key);
    const entry =
      before && isGood
        ? before
        : {
            version,
            nuclei: this.#find({ folder: folder.path, cache: this.cache, thorough }),
            users: 0,
            retired: false,
          };
    this.#open.delete(key);
    this.#open.set(key, entry); // at the end, where the last used one is
    entry.users++;
    try {
      return await work(await entry.nuclei);
    } catch (error) {
      if (isFault(error) && this.#open.get(key) === entry) await this.#retire(key);
      throw error;
    } finally {
      entry.users--;
      if (entry.retired) await closeUnused(entry);
      const [oldest] = this.#open.keys();
      if (this.#open.size > keptOpen) await this.#retire(oldest!);
    }
  }

  /** Forgets a slide, and closes it when nobody reads from it any more. */
  async #retire(key: string): Promise<void> {
    const entry = this.#open.get(key)!;
    this.#open.delete(key);
    entry.retired = true;
    await closeUnused(entry);
  }

  /** Makes the overlay in a thread of its own, where there is no good one. */
  async #find(task: OverlayTask): Promise<OpenNuclei> {
    const found = (await this.#piscina.run(task)) as OverlayFound;
    if ('error' in found) throw new HoverslideError(found.kind, found.error);
    found.notices.forEach(this.notice);
    return openNuclei(new SlideFolder(task.folder), { cache: task.cache });
  }
}

/** Whether something is wrong with the files, and not with what was asked. */
function isFault(error: unknown): error is HoverslideError {
  return error instanceof HoverslideError && error.kind !== 'usage';
}

async function closeUnused({ users, nuclei }: Entry): Promise<void> {
  if (users > 0) return;
  const open = await nuclei.catch(() => undefined); // that it could not be opened its users know
  await open?.close();
}
