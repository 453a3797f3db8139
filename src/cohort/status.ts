import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HoverslideError, errorLine, type ErrorKind } from '../errors.js';
import { defaultPace, isRunning, isSettled } from './claim.js';
import { clockNotice, clockOf } from './clocks.js';
import { SlideFolder } from '../table/slide-folder.js';
import { hasEnded } from './owner.js';
import { stateOfResults, type Progress, type SlideState } from './state.js';
import { StateLog, type Logged } from './state-log.js';
import { versionNotice } from './versions.js';

/** Number of slides whose states are read at a time. */
const reads = 32;

/** Reads the states of all slides in a folder of results, sorted by id. */
export async function readStates(out: string): Promise<SlideState[]> {
  return (await readLogs(out)).map(({ last }) => last.state);
}

/** Reads the logs of all slides and the last entry of each, sorted by id. */
async function readLogs(out: string): Promise<{ log: StateLog; last: Logged }[]> {
  let names: string[];
  try {
    const entries = await readdir(out, { withFileTypes: true });
    names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    throw new HoverslideError('missing', `${out}: cannot read the folder of results: ${errorLine(error)}`);
  }
  const found: { log: StateLog; last: Logged }[] = [];
  for (let first = 0; first < names.length; first += reads) {
    const logs = names
      .slice(first, first + reads)
      .map((name) => new StateLog(new SlideFolder(join(out, name))));
    const entries = await Promise.all(logs.map(async (log) => ({ log, last: await log.last() })));
    for (const { log, last } of entries) if (last) found.push({ log, last });
  }
  if (found.length === 0)
    throw new HoverslideError('missing', `${out}: expected results of 'hoverslide run'`);
  return found.sort((a, b) => (a.last.state.row.id < b.last.state.row.id ? -1 : 1));
}

/** What `hoverslide status --json` reports about a slide. */
export interface SlideStatus {
  readonly id: string;
  readonly path: string;
  /** State as on disk. `dead` if the file says that the slide is running, but its run shows no sign of life. */
  readonly state: SlideState['state'] | 'dead';
  readonly host?: string;
  readonly progress?: Progress;
  /** Seconds that its run has worked on it, on whatever clock. */
  readonly seconds?: number;
  /** ISO 8601, by the clock of its run. */
  readonly begun?: string;
  readonly finished?: string;
  /** Stage and kind of a failure. */
  readonly stage?: string;
  readonly kind?: ErrorKind;
  /** Why the slide failed or was skipped. */
  readonly reason?: string;
  /** Version of hoverslide that made the results. */
  readonly hoverslide?: string;
}

export interface CohortStatus {
  readonly counts: Readonly<Record<SlideStatus['state'], number>>;
  /** Slides per hour of all running runs together; null if there is no such run, or nothing is done yet. */
  readonly slides_per_hour: number | null;
  /** Estimated from the bytes that remain; null in the same cases. */
  readonly seconds_left: number | null;
  readonly slides: readonly SlideStatus[];
  /**
   * Whether signs of life were judged by the clock that dates them. Otherwise a slide may count as dead only because this
   * machine's clock is wrong.
   */
  readonly clock_known: boolean;
  /** What is known of clocks and of versions that differ, one line each. */
  readonly notices: readonly string[];
}

/** Reads the status of a cohort. @throws HoverslideError `missing` if there is no cohort */
export async function readStatus(out: string): Promise<CohortStatus> {
  const entries = await readLogs(out);
  const working = entries.some(({ last }) => isRunning(last) && !hasEnded(last.state.owner));
  const clock = working ? await clockOf(out) : undefined;
  const signs = await Promise.all(entries.map(({ log, last }) => signOf(log, last, clock)));
  const states = entries.map(({ last }) => last.state);
  const slides = states.map((state, index) => statusOf(state, signs[index]));
  const counts = { queued: 0, running: 0, dead: 0, done: 0, skipped: 0, failed: 0 };
  for (const { state } of slides) counts[state]++;
  const notices = new Set(signs.flatMap((sign) => sign?.notice ?? []));
  if (working && clock !== undefined) {
    const notice = clockNotice('this machine', Date.now() - clock, 'the file system');
    if (notice !== undefined) notices.add(notice);
  }
  const older = versionNotice(states.flatMap((state) => stateOfResults(state)?.made.hoverslide ?? []));
  if (older !== undefined) notices.add(older);
  return {
    counts,
    ...forecast(states, counts.running),
    slides,
    clock_known: !working || clock !== undefined,
    notices: [...notices],
  };
}

/** What a running slide's last heartbeat says. */
interface Sign {
  readonly alive: boolean;
  readonly seconds: number;
  readonly notice: string | undefined;
}

/**
 * Judges a heartbeat by the clock of the file system that dates it. The clocks of the machine that wrote it and of this
 * one may differ from that, and from each other.
 * @param clock time of the file system now; undefined if it is not known: then this machine's clock must do
 */
async function signOf(log: StateLog, last: Logged, clock: number | undefined): Promise<Sign | undefined> {
  if (!isRunning(last)) return undefined;
  const { owner, heartbeat, begun } = last.state;
  const written = await log.writtenAt(last.number).catch(() => NaN);
  const age = Math.max(0, (clock ?? Date.now()) - written);
  const ended = hasEnded(owner);
  const silent = !(age < defaultPace.patience);
  const notice = clockNotice(owner.host, Date.parse(heartbeat) - written, 'the file system');
  return {
    alive: !ended && !silent,
    seconds: (Date.parse(heartbeat) - Date.parse(begun) + (age || 0)) / 1000,
    notice,
  };
}

function statusOf(state: SlideState, sign: Sign | undefined): SlideStatus {
  const { id, path } = state.row;
  switch (state.state) {
    case 'queued':
      return { id, path, state: 'queued' };
    case 'running': {
      const { owner, progress, begun } = state;
      const { alive, seconds } = sign!;
      return { id, path, state: alive ? 'running' : 'dead', host: owner.host, progress, begun, seconds };
    }
    case 'done':
      return {
        id,
        path,
        state: 'done',
        begun: state.begun,
        finished: state.finished,
        hoverslide: state.made.hoverslide,
      };
    case 'skipped':
      return {
        id,
        path,
        state: 'skipped',
        begun: state.begun,
        finished: state.finished,
        reason: state.reason,
        hoverslide: state.made.hoverslide,
      };
    case 'failed': {
      const { begun, finished, stage, kind, error } = state;
      return { id, path, state: 'failed', begun, finished, stage, kind, reason: error };
    }
  }
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
