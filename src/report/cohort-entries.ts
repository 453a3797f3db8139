import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SlideState } from '../cohort/state.js';
import { readStates } from '../cohort/status.js';
import type { ModelCard } from '../model/card.js';
import type { Summary } from '../table/summary.js';

/** What a report needs of a slide's run.json. */
export interface RunRecord {
  readonly model: { readonly card: ModelCard; readonly sha256: string };
  readonly versions: { readonly hoverslide: string };
  readonly options: { readonly provider: string };
  readonly patches: number;
  readonly seconds: { readonly wall: number };
}

/** A slide of a cohort as its report sees it. Failed ones and those that are not done yet have no results. */
export interface Entry {
  readonly state: SlideState;
  readonly results?: { readonly summary: Summary; readonly record: RunRecord };
}

/** All slides in a folder of results, by id. */
export async function readEntries(out: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const state of await readStates(out)) {
    const made = state.state === 'done' || state.state === 'skipped';
    entries.push(made ? await withResults(state, join(out, state.row.id)) : { state });
  }
  return entries;
}

/** A slide whose results someone has removed is shown without. */
async function withResults(state: SlideState, folder: string): Promise<Entry> {
  try {
    const [summary, record] = await Promise.all(
      ['summary.json', 'run.json'].map(
        async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown,
      ),
    );
    return { state, results: { summary: summary as Summary, record: record as RunRecord } };
  } catch {
    return { state };
  }
}

/** Why a slide has no results, or none worth looking at; empty for one that is done. */
export function reasonOf({ state, results }: Entry): string {
  if (state.state === 'failed') return state.error;
  if (state.state === 'skipped') return state.reason;
  return state.state === 'done' && !results ? 'its summary is gone' : '';
}

/** Classes of all models, in the order in which they come. */
export function classesOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.flatMap(({ results }) => Object.keys(results?.summary.classes ?? {})))];
}
