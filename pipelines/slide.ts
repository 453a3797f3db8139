import { join } from 'node:path';
import { HoverslideError } from '../src/errors.js';
import { makeFolder } from '../src/files.js';
import { Journal, type Checkpoint } from '../src/nuclei/journal.js';
import { openSlide } from '../src/slide/slide.js';
import type { Summary } from '../src/table/summary.js';
import type { Engine } from './engine.js';
import { nucleiOf, StaleCheckpoint, type StageSeconds } from './nuclei.js';
import { fingerprint, prepare, type PreparedSlide, type SlideOptions } from './prepare.js';
import { busyShare, publish } from './publish.js';

export interface SlideProgress {
  /** Patches that are done, and all that will be. */
  readonly done: number;
  readonly total: number;
  readonly nuclei: number;
  /** Share of the time so far that the net's devices were at work. */
  readonly deviceBusy: number;
}

/** Where in its run a slide is. */
export type SlideStage = 'open' | 'tissue' | 'segment' | 'publish';

export interface SlideObserver {
  stage?(stage: SlideStage): void;
  /** Something the user should know about this slide. */
  notice?(message: string): void;
  progress?(progress: SlideProgress): void;
}

export interface SlideResult {
  readonly id: string;
  readonly folder: string;
  /** SHA-256 that names the slide's content. */
  readonly hash: string;
  readonly summary: Summary;
}

/**
 * Segments one slide and writes its table and companions under `out`/<id>/. A run that was stopped or killed goes on
 * where its journal says, and ends in the same bytes.
 * @param signal stops the run; what is done stays in the journal
 * @throws HoverslideError of any stage; `stopped` if the signal came
 */
export async function runSlide(
  path: string,
  out: string,
  engine: Engine,
  options: SlideOptions,
  observer: SlideObserver = {},
  signal?: AbortSignal,
): Promise<SlideResult> {
  const start = performance.now();
  observer.stage?.('open');
  const slide = await openSlide(path, { mpp: options.mpp });
  try {
    observer.stage?.('tissue');
    const prepared = await prepare(slide, engine, options);
    prepared.notices.forEach((message) => observer.notice?.(`${path}: ${message}`));
    const folder = join(out, prepared.id);
    await makeFolder(folder);
    const journal = await Journal.open(join(folder, 'journal'), fingerprint(prepared, engine));
    try {
      const seconds = { read: 0, net: 0, stitch: 0, segment: 0, journal: 0 };
      observer.stage?.('segment');
      await collect(prepared, engine, journal, seconds, observer, signal);
      observer.stage?.('publish');
      const summary = await publish(folder, prepared, engine, journal, options, { start, seconds }, signal);
      await journal.remove();
      return { id: prepared.id, folder, hash: prepared.hash, summary };
    } finally {
      await journal.close();
    }
  } finally {
    await slide.close();
  }
}

/** Streams the slide's nuclei into the journal. */
async function collect(
  prepared: PreparedSlide,
  engine: Engine,
  journal: Journal,
  seconds: StageSeconds & { journal: number },
  observer: SlideObserver,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { slide, run } = prepared;
  const total = run.length / 2;
  const { notice, checkpoint } = journal;
  const begun = performance.now();
  if (notice) observer.notice?.(`${slide.path}: ${notice}`);
  if (checkpoint) observer.notice?.(`${slide.path}: going on at patch ${checkpoint.position} of ${total}`);
  const stream = async (from?: Checkpoint) => {
    for await (const cell of nucleiOf(prepared, engine, seconds, from)) {
      const before = performance.now();
      await journal.append(cell.block, cell);
      seconds.journal += (performance.now() - before) / 1000;
      const deviceBusy = busyShare(seconds.net, engine, begun);
      observer.progress?.({ done: cell.position, total, nuclei: cell.nuclei, deviceBusy });
      if (signal?.aborted) {
        await journal.keep();
        throw new HoverslideError('stopped', `${slide.path}: stopped at patch ${cell.position} of ${total}`);
      }
    }
  };
  try {
    await stream(checkpoint);
  } catch (error) {
    if (!(error instanceof StaleCheckpoint)) throw error;
    observer.notice?.(`${slide.path}: starting anew, since the journal does not fit: ${error.message}`);
    await journal.restart();
    await stream();
  }
}
