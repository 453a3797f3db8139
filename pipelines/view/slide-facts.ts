import { errorLine } from '../../src/errors.js';
import type { TableFacts } from '../../src/table/context.js';
import { readRunRecord, type RunRecord } from '../../src/table/run-record.js';
import type { ColumnName } from '../../src/view/messages.js';
import { versionOf } from '../export/write-kept.js';
import { readSummary, type SlideSummary } from '../../src/table/summary.js';
import type { ListedSlide } from './cohort-list.js';
import type { NucleiOfSlides } from './nuclei-of-slides.js';
import type { Known } from './open-slides.js';

/** What a slide's results say of it. */
export interface SlideFacts {
  /** How they were made; undefined while there are none, or where they cannot be read. */
  readonly record: RunRecord | undefined;
  readonly table: Table | { readonly missing: string };
}

export interface Table {
  readonly facts: TableFacts;
  readonly summary: SlideSummary;
  readonly nuclei: number;
  /** As NucleiOfSlides has it. */
  readonly edition: string;
  /** Columns of numbers, also of what is around the nuclei. */
  readonly columns: readonly ColumnName[];
}

/** Slides of which it is kept what their results say. */
const kept = 64;

/** What the results of slides say, read again when they change. */
export class FactsOfSlides {
  readonly #facts = new Map<string, { readonly version: string; readonly facts: Promise<SlideFacts> }>();

  constructor(private readonly nuclei: NucleiOfSlides) {}

  async of(slide: ListedSlide): Promise<SlideFacts> {
    const { key, folder, state } = slide;
    const files = [folder.record, folder.table('parquet'), folder.features];
    const version = JSON.stringify([state.state, ...(await Promise.all(files.map(versionOf)))]);
    const before = this.#facts.get(key);
    const entry = before?.version === version ? before : { version, facts: this.#read(slide) };
    this.#facts.delete(key);
    this.#facts.set(key, entry); // at the end, where the last used one is
    if (this.#facts.size > kept) this.#facts.delete(this.#facts.keys().next().value!);
    return entry.facts;
  }

  async #read(slide: ListedSlide): Promise<SlideFacts> {
    const { folder, state, problem } = slide;
    const record = await readRunRecord(folder.record).catch(() => undefined);
    if (!record) {
      const unfinished = state.state === 'queued' || state.state === 'running';
      const missing = unfinished ? `the slide is ${state.state}: its nuclei come when it is done` : undefined;
      return { record, table: { missing: missing ?? problem ?? 'the slide has no results' } };
    }
    try {
      const summary = await readSummary(folder.summary);
      const table = await this.nuclei.columns(slide, (columns, edition) => ({
        summary,
        edition,
        facts: columns.facts,
        nuclei: columns.table.rowCount,
        columns: columns.names(),
      }));
      return { record, table };
    } catch (error) {
      const { formats } = record.options;
      const missing = formats.includes('parquet')
        ? errorLine(error)
        : `the run wrote no nuclei.parquet, only ${formats.join(', ')}: run it again with --format parquet`;
      return { record, table: { missing } };
    }
  }
}

/** Returns what the pixels of a slide can be found and recognised by. */
export function knownOf({ state }: ListedSlide, { record }: SlideFacts): Known {
  const { path } = state.row;
  if (!record) return { path };
  const { hash, width, height, pixel_size } = record.slide;
  const file = 'made' in state && state.made.file.hash === hash ? state.made.file : undefined;
  return {
    path,
    results: {
      hash,
      width,
      height,
      mpp: pixel_size.mpp,
      file: file && { bytes: file.bytes, modified: file.modified },
    },
  };
}
