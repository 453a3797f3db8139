import { createHash } from 'node:crypto';
import { Piscina } from 'piscina';
import { HoverslideError } from '../../src/errors.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { versionOf } from '../export/write-kept.js';
import { openNuclei, type OpenNuclei } from '../overlay/open-nuclei.js';
import { goodOverlay } from '../overlay/overlay-of-slide.js';
import { NucleiColumns } from '../../src/view/nuclei-columns.js';
import type { ListedSlide } from './cohort-list.js';
import type { OverlayFound, OverlayTask } from './overlay-worker.js';
import { Refusal } from './reply.js';

/** Slides that are kept open, two of them for a look side by side: a table of ten million nuclei takes 25 MB. */
const keptOpen = 2;
/** Milliseconds after which the thread that makes overlays ends. */
const idle = 1_000;

interface Entry {
  /** Stands for the files that the nuclei are read from: another one once a run has replaced them. */
  readonly edition: string;
  readonly columns: Promise<NucleiColumns>;
  /** With the overlay, once it is asked for. */
  nuclei: Promise<OpenNuclei> | undefined;
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
   * Works with the columns of a slide, and the edition that they are of.
   * @throws HoverslideError as NucleiColumns.open, and as `work` does
   */
  columns<T>(
    slide: ListedSlide,
    work: (columns: NucleiColumns, edition: string) => T | Promise<T>,
  ): Promise<T> {
    return this.#with(slide, async ({ columns, edition }) => work(await columns, edition));
  }

  /**
   * Works with the nuclei of a slide. An overlay that turns out to be damaged is made anew, once.
   * @throws Refusal if they are not of that edition any more; HoverslideError as openNuclei, and as `work` does
   */
  async use<T>(slide: ListedSlide, edition: string, work: (nuclei: OpenNuclei) => Promise<T>): Promise<T> {
    const attempt = (thorough: boolean) =>
      this.#with(slide, async (entry) => {
        if (entry.edition !== edition) {
          throw new Refusal(409, 'the results of this slide have changed: load the page anew');
        }
        const nuclei = await (entry.nuclei ??= this.#find(slide.folder, entry.columns, thorough));
        return work(nuclei).catch((error: unknown) => {
          throw isDamage(error, nuclei) ? new DamagedOverlay(nuclei.overlay.path) : error;
        });
      });
    return attempt(false).catch((error: unknown) => {
      if (!(error instanceof DamagedOverlay)) throw error;
      return attempt(true);
    });
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
    await Promise.all([...this.#open.keys()].map((key) => this.#retire(key)));
  }

  async #with<T>({ key, folder }: ListedSlide, work: (entry: Entry) => Promise<T>): Promise<T> {
    const edition = await editionOf(folder);
    if (this.#open.has(key) && this.#open.get(key)!.edition !== edition) await this.#retire(key);
    const entry = this.#open.get(key) ?? {
      edition,
      columns: NucleiColumns.open(folder),
      nuclei: undefined,
      users: 0,
      retired: false,
    };
    this.#open.delete(key);
    this.#open.set(key, entry); // at the end, where the last used one is
    entry.users++;
    try {
      return await work(entry);
    } catch (error) {
      // What is wrong with the files may have been put right when it is asked for again.
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
  async #find(
    { path: folder }: SlideFolder,
    columns: Promise<NucleiColumns>,
    thorough: boolean,
  ): Promise<OpenNuclei> {
    const { cache } = this;
    const open = await columns;
    if (thorough || (await goodOverlay(new SlideFolder(folder), { cache })) === undefined) {
      const task: OverlayTask = { folder, cache, thorough };
      const found = (await this.#piscina.run(task)) as OverlayFound;
      if ('error' in found) throw new HoverslideError(found.kind, found.error);
      found.notices.forEach(this.notice);
    }
    return openNuclei(new SlideFolder(folder), { cache }, open);
  }
}

async function editionOf(folder: SlideFolder): Promise<string> {
  const versions = await Promise.all([folder.table('parquet'), folder.features].map(versionOf));
  return createHash('sha256').update(versions.join(' ')).digest('hex').slice(0, 16);
}

class DamagedOverlay extends Error {}

function isDamage(error: unknown, { overlay }: OpenNuclei): boolean {
  return error instanceof HoverslideError && error.kind === 'input' && error.message.startsWith(overlay.path);
}

/** Whether something is wrong with the files, and not with what was asked. */
function isFault(error: unknown): boolean {
  return error instanceof DamagedOverlay || (error instanceof HoverslideError && error.kind !== 'usage');
}

async function closeUnused({ users, nuclei, columns }: Entry): Promise<void> {
  if (users > 0) return;
  for (const each of [nuclei, columns]) {
    const open = await each?.catch(() => undefined); // that it could not be opened its users know
    await open?.close();
  }
}
