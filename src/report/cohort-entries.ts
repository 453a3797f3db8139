import { join } from 'node:path';
import type { SlideState } from '../cohort/state.js';
import { readStates } from '../cohort/status.js';
import { errorLine, HoverslideError } from '../errors.js';
import { readFeatures, type SlideFeatures } from '../features/feature-file.js';
import { readRunRecord, type RunRecord } from '../table/run-record.js';
import { SlideFolder } from '../table/slide-folder.js';
import { readSummary, type SlideSummary } from '../table/summary.js';

/** A slide of a cohort, as the report needs it. Slides that failed or are not done yet have no results. */
export interface Entry {
  readonly state: SlideState;
  readonly results?: { readonly summary: SlideSummary; readonly record: RunRecord };
  /** Its features, where they were computed. */
  readonly features?: SlideFeatures | undefined;
  /** Why existing results cannot be shown. */
  readonly problem?: string;
}

/** Reads all slides in a folder of results, ordered by id. */
export async function readEntries(out: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const state of await readStates(out)) {
    const made = state.state === 'done' || state.state === 'skipped';
    entries.push(made ? await withResults(state, new SlideFolder(join(out, state.row.id))) : { state });
  }
  return entries;
}

/** Reads the results of a slide. If they were removed or made by another version, the slide is shown without them. */
async function withResults(state: SlideState, folder: SlideFolder): Promise<Entry> {
  try {
    const [summary, record] = [await readSummary(folder.summary), await readRunRecord(folder.record)];
    const features = await readFeatures(folder.features).catch((error: unknown) => {
      if (error instanceof HoverslideError) return undefined; // none, or another version's: `hoverslide features` makes them
      throw error;
    });
    return { state, results: { summary, record }, features };
  } catch (error) {
    return { state, problem: `its results cannot be shown: ${errorLine(error)}` };
  }
}

/** Returns why a slide has no results, or none worth looking at; empty for a slide that is done. */
export function reasonOf({ state, problem = '' }: Pick<Entry, 'state' | 'problem'>): string {
  if (state.state === 'failed') return state.error;
  if (state.state === 'skipped') return state.reason;
  return problem;
}

/** Returns the classes of all models, in the order in which they first occur. */
export function classesOf(
  entries: readonly { readonly results?: Pick<NonNullable<Entry['results']>, 'summary'> | undefined }[],
): string[] {
  return [...new Set(entries.flatMap(({ results }) => Object.keys(results?.summary.classes ?? {})))];
}
