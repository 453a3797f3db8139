import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { hasEnded } from '../../src/cohort/owner.js';
import type { SlideState } from '../../src/cohort/state.js';
import { StateLog } from '../../src/cohort/state-log.js';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { isThere } from '../../src/files.js';
import { classesOf, reasonOf } from '../../src/report/cohort-entries.js';
import { flagMeanings, flagsOf } from '../../src/report/quality.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { readSummary, type SlideSummary } from '../../src/table/summary.js';
import type { Hide } from '../../src/view/hide-paths.js';
import type { CohortView, SlideEntry } from '../../src/view/messages.js';
import { stateOfLoneResults } from './lone-results.js';

/** Milliseconds for which a look at the folders holds: some times as long as it took. */
const lookAgain = { least: 2_000, times: 10, most: 15_000 };
/** Number of slides that are looked at at a time. */
const reads = 32;

/** A slide of the cohort. */
export interface ListedSlide {
  readonly key: string;
  readonly folder: SlideFolder;
  readonly state: SlideState;
  readonly results?: { readonly summary: SlideSummary } | undefined;
  /** Why existing results cannot be shown. */
  readonly problem?: string | undefined;
  readonly thumbnail: boolean;
  /** When its states last changed. */
  readonly changed: number;
}

/**
 * The slides in a folder of results, while runs may be at work. Of a slide only what has changed is read again: the
 * folder of its states has a new time then. Requests name slides by keys, which are looked up here and nowhere else.
 */
export class CohortList {
  #slides: ReadonlyMap<string, ListedSlide> = new Map();
  #view: CohortView | undefined;
  /** When they are looked at again, in milliseconds. */
  #due = -Infinity;
  #looking: Promise<void> | undefined;

  private constructor(
    readonly out: string,
    private readonly first: string | undefined,
  ) {}

  /**
   * Opens a folder of results, or of one slide in it.
   * @throws HoverslideError `missing` if it cannot be read, or has no results
   */
  static async open(path: string): Promise<CohortList> {
    const folder = resolve(path);
    const { states, record } = new SlideFolder(folder);
    const isSlide = (await isThere(states)) || (await isThere(record));
    const list = isSlide
      ? new CohortList(dirname(folder), keyOf(basename(folder)))
      : new CohortList(folder, undefined);
    await list.#refresh();
    if (list.#slides.size === 0) {
      throw new HoverslideError('missing', `${path}: expected results of 'hoverslide run', found none`);
    }
    return list;
  }

  /** Returns a slide as it is now; undefined if there is none of that key. */
  async slide(key: string): Promise<ListedSlide | undefined> {
    if (!this.#slides.has(key)) await this.#refresh();
    const known = this.#slides.get(key);
    return known && this.#lookAt(basename(known.folder.path)); // of ten thousand others nothing is read for a tile
  }

  async view(hide: Hide): Promise<CohortView> {
    await this.#refresh();
    return (this.#view ??= this.#viewOf(hide));
  }

  #viewOf(hide: Hide): CohortView {
    const slides = [...this.#slides.values()];
    const columns = [...new Set(slides.flatMap(({ state }) => Object.keys(state.row.columns)))];
    const classes = classesOf(slides);
    const meanings = flagMeanings(classes);
    const flags = flagsOf(slides, classes);
    return {
      name: basename(this.out),
      columns,
      slides: slides.map((slide, k) =>
        entryOf(
          slide,
          flags[k]!.map((flag) => meanings.get(flag)!),
          hide,
        ),
      ),
      ...(this.first !== undefined && { first: this.first }),
    };
  }

  /** Looks at the folders, once for all who ask meanwhile. */
  async #refresh(): Promise<void> {
    const begun = performance.now();
    if (begun < this.#due) return;
    this.#looking ??= this.#look().finally(() => {
      const now = performance.now();
      const { least, times, most } = lookAgain;
      this.#due = now + Math.min(most, Math.max(least, times * (now - begun)));
      this.#looking = undefined;
    });
    await this.#looking;
  }

  async #look(): Promise<void> {
    const entries = await readdir(this.out, { withFileTypes: true }).catch((error: unknown) => {
      throw new HoverslideError(
        'missing',
        `${this.out}: cannot read the folder of results: ${errorLine(error)}`,
      );
    });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const found: ListedSlide[] = [];
    for (let first = 0; first < names.length; first += reads) {
      const some = await Promise.all(names.slice(first, first + reads).map((name) => this.#lookAt(name)));
      found.push(...some.filter((slide) => slide !== undefined));
    }
    found.sort((a, b) => (a.state.row.id < b.state.row.id ? -1 : 1));
    const isSame =
      found.length === this.#slides.size && found.every((slide) => this.#slides.get(slide.key) === slide);
    if (isSame) return;
    this.#slides = new Map(found.map((slide) => [slide.key, slide]));
    this.#view = undefined;
  }

  async #lookAt(name: string): Promise<ListedSlide | undefined> {
    const folder = new SlideFolder(join(this.out, name));
    const changed = await lastChange(folder);
    if (changed === undefined) return undefined;
    const key = keyOf(name);
    const before = this.#slides.get(key);
    if (before?.changed === changed) return before;
    const state = (await new StateLog(folder).last())?.state ?? (await stateOfLoneResults(folder, name));
    if (!state) return undefined;
    const settled = state.state === 'done' || state.state === 'skipped';
    const thumbnail = await isThere(folder.thumbnail);
    const slide = { key, folder, state, thumbnail, changed };
    if (!settled) return slide;
    return readSummary(folder.summary).then(
      (summary) => ({ ...slide, results: { summary } }),
      (error: unknown) => ({ ...slide, problem: `its results cannot be shown: ${errorLine(error)}` }),
    );
  }
}

/** Returns when a slide's states last changed, or its record where it has none; undefined if it has neither. */
async function lastChange({ states, record }: SlideFolder): Promise<number | undefined> {
  const found = (await stat(states).catch(() => undefined)) ?? (await stat(record).catch(() => undefined));
  return found?.mtimeMs;
}

/** Returns what stands for a slide in addresses. Its folder has its id as a name. */
function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 12);
}

function entryOf(
  { key, state, results, problem, thumbnail }: ListedSlide,
  flags: readonly string[],
  hide: Hide,
): SlideEntry {
  const reason =
    lostRun(state) ?? (reasonOf({ state, ...(problem !== undefined && { problem }) }) || undefined);
  const summary = results?.summary;
  return {
    key,
    id: state.row.id,
    state: state.state,
    ...(reason !== undefined && { reason: hide(reason, state.row.path) }),
    ...(state.state === 'running' && { progress: state.progress.done / Math.max(1, state.progress.total) }),
    ...(summary && {
      nuclei: summary.count,
      tissueMm2: summary.tissue_area_mm2,
      counts: Object.fromEntries(Object.entries(summary.classes).map(([name, { count }]) => [name, count])),
    }),
    flags,
    thumbnail,
    manifest: state.row.columns,
  };
}

/** Says that nobody is at work any more on a slide that counts as running. */
function lostRun(state: SlideState): string | undefined {
  if (state.state === 'running' && hasEnded(state.owner)) {
    return "its run has ended without finishing it: the same command of 'hoverslide run' goes on";
  }
  return undefined;
}
