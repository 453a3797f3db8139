import { join } from 'node:path';
import { isSettled } from '../../src/cohort/claim.js';
import type { CohortSlide } from './cohort-slide.js';
import {
  areResultsOf,
  currentProvenance,
  missingFormats,
  reasonToRedo,
  type CommonOptions,
} from './provenance.js';
import { exportTable } from '../export/export-table.js';
import { HoverslideError, errorLine } from '../../src/errors.js';
import type { TableFormat } from '../../src/table/open.js';
import {
  stateOfResults,
  type Row,
  type Settled,
  type SlideState,
  type WithResults,
} from '../../src/cohort/state.js';
import { StateLog } from '../../src/cohort/state-log.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { checkRegionFiles } from './check-regions.js';
import type { Cohort } from './open-cohort.js';

/** Number of slides whose states are looked up, or written, at a time. */
const lookups = 16;

/** A slide whose results stay. */
interface Kept {
  readonly slide: CohortSlide;
  readonly state: Settled;
  /** Formats that were made from its table, since they were asked for and not there. */
  readonly added: readonly TableFormat[];
}

/** What is to be done about a slide's state. */
interface Entry {
  readonly slide: CohortSlide;
  /** State to append after the last one, whose number is `number`. */
  readonly next?: { readonly log: StateLog; readonly number: number; readonly state: SlideState };
  /** The state that the slide keeps, if its results are what would be made now. */
  readonly kept?: Settled;
  /** Formats that were made from the kept results. */
  readonly added?: readonly TableFormat[];
}

/**
 * Puts slides into the queue before anything runs, so that their states say from the start what there is to do. Slides
 * without a state are queued for all shards, so that each shard's folder knows the whole cohort. Of this run's own
 * slides, those are queued that failed before, or whose results are not what would be made now.
 * @param own the slides of this run
 * @returns those of its own slides whose results stay as they are, with the manifest's present columns
 * @throws HoverslideError as checkRegionFiles, before any state is written
 */
export async function enqueue(
  { slides, models }: Cohort,
  own: readonly CohortSlide[],
  out: string,
  asked: CommonOptions,
): Promise<Kept[]> {
  const mine = new Set(own);
  const look = async (slide: CohortSlide): Promise<Entry> => {
    const folder = new SlideFolder(join(out, slide.id));
    const log = new StateLog(folder);
    const row = rowOf(slide);
    const seen = await log.last();
    if (!seen) return { slide, next: { log, number: 0, state: { state: 'queued', row } } };
    if (seen.state.state === 'running' || !mine.has(slide)) return { slide };
    const { state, number } = seen;
    const results = await resultsIn(folder, state);
    let outdated: string | undefined;
    if (results) {
      const now = await currentProvenance(slide, models.get(slide.model)!, asked);
      const added = missingFormats(results.made, asked);
      outdated = await reasonToRedo(results.made, now, slide, folder, asked.redoOlder);
      if (outdated === undefined) outdated = await reasonNotToAdd(added, folder);
      if (outdated === undefined) {
        const { made } = results;
        const formats = [...made.options.formats, ...added].sort();
        const kept = { ...results, row, made: { ...made, options: { ...made.options, formats } } };
        const changed = JSON.stringify(kept) !== JSON.stringify(state);
        return { slide, kept, added, ...(changed && { next: { log, number, state: kept } }) };
      }
    }
    if (!isSettled(state)) return { slide };
    const why = state.state === 'failed' ? `it failed before (${state.error})` : outdated;
    return { slide, next: { log, number, state: { state: 'queued', row, why, earlier: results } } };
  };

  const entries = await inBatches(slides, look);
  await checkRegionFiles(entries.flatMap(({ slide, kept }) => (mine.has(slide) && !kept ? [slide] : [])));
  const kept = await inBatches(entries, async ({ slide, next, kept, added = [] }) => {
    const written = !next || (await next.log.append(next.number, next.state));
    return kept && written ? [{ slide, state: kept, added }] : [];
  });
  return kept.flat();
}

async function inBatches<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let first = 0; first < items.length; first += lookups) {
    results.push(...(await Promise.all(items.slice(first, first + lookups).map(work))));
  }
  return results;
}

/** Makes formats from a slide's table. Returns why that cannot be done, so that the slide has to be run again. */
async function reasonNotToAdd(
  formats: readonly TableFormat[],
  folder: SlideFolder,
): Promise<string | undefined> {
  if (formats.length === 0) return undefined;
  try {
    await exportTable(folder, { formats });
    return undefined;
  } catch (error) {
    if (error instanceof HoverslideError && error.kind === 'output') throw error;
    return `${formats.join(', ')} cannot be made from its table: ${errorLine(error)}`;
  }
}

/**
 * Returns the state that describes the results in the folder; undefined if there are none, or if they are of an unknown
 * run.
 */
async function resultsIn(folder: SlideFolder, state: SlideState): Promise<WithResults | undefined> {
  const results = stateOfResults(state);
  return results === state || (results && (await areResultsOf(results, folder))) ? results : undefined;
}

export function rowOf({ id, path, file, columns }: CohortSlide): Row {
  return { id, path, bytes: file.bytes, columns };
}
