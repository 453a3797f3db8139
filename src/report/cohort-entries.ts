import { join } from 'node:path';
import type { SlideState } from '../cohort/state.js';
import { readStates } from '../cohort/status.js';
import { errorLine } from '../errors.js';
import { readRunRecord, type RunRecord } from '../table/run-record.js';
import { SlideFolder } from '../table/slide-folder.js';
import { readSummary, type SlideSummary } from '../table/summary.js';

/** A slide of a cohort as its report sees it. Failed ones and those that are not done yet have no results. */
export interface Entry {
  readonly state: SlideState;
  readonly results?: { readonly summary: SlideSummary; readonly record: RunRecord };
  /** Why results that should be there cannot be shown. */
  readonly problem?: string;
}

/** All slides in a folder of results, by id. */
export async function readEntries(out: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const state of await readStates(out)) {
    const made = state.state === 'done' || state.state === 'skipped';
    entries.push(made ? await withResults(state, new SlideFolder(join(out, state.row.id))) : { state });
  }
  return entries;
}

/** A slide whose results someone has removed, or another version made, is shown without. */
async function withResults(state: SlideState, folder: SlideFolder): Promise<Entry> {
  try {
    const [summary, record] = [await readSummary(folder.summary), await readRunRecord(folder.record)];
    return { state, results: { summary, record } };
  } catch (error) {
    return { state, problem: `its results cannot be shown: ${errorLine(error)}` };
  }
}

/** Why a slide has no results, or none worth looking at; empty for one that is done. */
export function reasonOf({ state, problem = '' }: Entry): string {
  if (state.state === 'failed') return state.error;
  if (state.state === 'skipped') return state.reason;
  return problem;
}

/** Classes of all models, in the order in which they come. */
export function classesOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.flatMap(({ results }) => Object.keys(results?.summary.classes ?? {})))];
}
