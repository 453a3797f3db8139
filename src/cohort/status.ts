import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HoverslideError, errorLine, type ErrorKind } from '../errors.js';
import { defaultPace, isSettled } from './claim.js';
import { SlideFolder } from '../table/slide-folder.js';
import { hasEnded } from './owner.js';
import type { Progress, Running, SlideState } from './state.js';
import { StateLog } from './state-log.js';

/** Number of slides whose states are read at a time. */
const reads = 32;

/** Reads the states of all slides in a folder of results, sorted by id. */
export async function readStates(out: string): Promise<SlideState[]> {
  let names: string[];
  try {
    const entries = await readdir(out, { withFileTypes: true });
    names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    throw new HoverslideError('missing', `${out}: cannot read the folder of results: ${errorLine(error)}`);
  }
  const states: SlideState[] = [];
  for (let first = 0; first < names.length; first += reads) {
    const batch = names
      .slice(first, first + reads)
      .map((name) => new StateLog(new SlideFolder(join(out, name))).last());
    for (const logged of await Promise.all(batch)) if (logged) states.push(logged.state);
  }
  if (states.length === 0)
    throw new HoverslideError('missing', `${out}: expected results of 'hoverslide run'`);
  return states.sort((a, b) => (a.row.id < b.row.id ? -1 : 1));
}

/** What `hoverslide status --json` reports about a slide. */
export interface SlideStatus {
  readonly id: string;
  readonly path: string;
  /** State as on disk. `dead` if the file says that the slide is running, but its run shows no sign of life. */
  readonly state: SlideState['state'] | 'dead';
  readonly host?: string;
  readonly progress?: Progress;
  /** ISO 8601. */
  readonly begun?: string;
  readonly finished?: string;
  /** Stage and kind of a failure. */
  readonly stage?: string;
  readonly kind?: ErrorKind;
  /** Why the slide failed or was skipped. */
  readonly reason?: string;
}

export interface CohortStatus {
  readonly counts: Readonly<Record<SlideStatus['state'], number>>;
  /** Slides per hour of all running runs together; null if there is no such run, or nothing is done yet. */
  readonly slides_per_hour: number | null;
  /** Estimated from the bytes that remain; null in the same cases. */
  readonly seconds_left: number | null;
  readonly slides: readonly SlideStatus[];
}

/** Reads the status of a cohort. @throws HoverslideError `missing` if there is no cohort */
export async function readStatus(out: string): Promise<CohortStatus> {
  const states = await readStates(out);
  const slides = states.map(statusOf);
  const counts = { queued: 0, running: 0, dead: 0, done: 0, skipped: 0, failed: 0 };
  for (const { state } of slides) counts[state]++;
  return { counts, ...forecast(states, counts.running), slides };
}

function statusOf(state: SlideState): SlideStatus {
  const { id, path } = state.row;
  switch (state.state) {
    case 'queued':
      return { id, path, state: 'queued' };
    case 'running': {
      const { owner, progress, begun } = state;
      return { id, path, state: isAlive(state) ? 'running' : 'dead', host: owner.host, progress, begun };
    }
    case 'done':
      return { id, path, state: 'done', begun: state.begun, finished: state.finished };
    case 'skipped':
      return {
        id,
        path,
        state: 'skipped',
        begun: state.begun,
        finished: state.finished,
        reason: state.reason,
      };
    case 'failed': {
      const { begun, finished, stage, kind, error } = state;
      return { id, path, state: 'failed', begun, finished, stage, kind, reason: error };
    }
  }
}

/** Compares the clocks of two machines. That is good enough for a status; no slide is taken over because of it. */
function isAlive({ owner, heartbeat }: Running): boolean {
  return !hasEnded(owner) && Date.now() - Date.parse(heartbeat) < defaultPace.patience;
}

/** Estimates the time left from the pace of the slides that are done, by bytes: larger files take longer. */
function forecast(states: readonly SlideState[], runs: number) {
  let [slides, seconds, bytes, bytesLeft] = [0, 0, 0, 0];
  for (const state of states) {
    if (state.state === 'done') {
      slides++;
      seconds += (Date.parse(state.finished) - Date.parse(state.begun)) / 1000;
      bytes += state.row.bytes;
    } else if (!isSettled(state)) {
      const { done, total } = state.state === 'running' ? state.progress : { done: 0, total: 0 };
      bytesLeft += state.row.bytes * (total > 0 ? 1 - done / total : 1);
    }
  }
  if (runs === 0 || seconds === 0 || bytes === 0) return { slides_per_hour: null, seconds_left: null };
  return {
    slides_per_hour: (3600 * runs * slides) / seconds,
    seconds_left: ((seconds / bytes) * bytesLeft) / runs,
  };
}
