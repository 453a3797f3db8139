import { join } from 'node:path';
import { HoverslideError } from '../../src/errors.js';
import { makeFolder } from '../../src/files.js';
import { Journal, type Checkpoint } from '../../src/nuclei/journal.js';
import { openSlide } from '../../src/slide/slide.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import type { SlideSummary } from '../../src/table/summary.js';
import type { Engine } from '../engine/engine.js';
import { nucleiOf, StaleCheckpoint } from './nuclei.js';
import {
  fingerprint,
  prepare,
  withDefaults,
  type PreparedSlide,
  type SlideOptions,
  type SlideSettings,
} from './prepare.js';
import { SlideOutput } from './output.js';
import { busyShare, runRecord } from './run-record.js';

export interface SlideProgress {
  /** Number of patches that are done, and of all patches. */
  readonly done: number;
  readonly total: number;
  readonly nuclei: number;
  /** Share of the time so far in which the net's devices were at work. */
  readonly deviceBusy: number;
}

/** Stage that a slide's run is in. */
export type SlideStage = 'open' | 'tissue' | 'segment' | 'publish';

export interface SlideObserver {
  stage?(stage: SlideStage): void;
  /** Called with something that the user should know about this slide. */
  notice?(message: string): void;
  progress?(progress: SlideProgress): void;
}

export interface SlideResult {
  readonly id: string;
  readonly folder: string;
  /** SHA-256 that names the slide's content. */
  readonly hash: string;
  readonly summary: SlideSummary;
}

/**
 * Segments one slide and writes its table and other results under `out`/<id>/. A run that was stopped or killed goes on
 * where its journal says, and ends in the same bytes.
 * @param signal stops the run; what is done stays in the journal
 * @throws HoverslideError of any stage; `stopped` if the signal came, `device` or `deviceMemory` if the net's devices
 *   failed
 */
export async function runSlide(
  path: string,
  out: string,
  engine: Engine,
  given: SlideOptions = {},
  observer: SlideObserver = {},
  signal?: AbortSignal,
): Promise<SlideResult> {
  const start = performance.now();
  const options = withDefaults(given);
  observer.stage?.('open');
  const slide = await openSlide(path, { mpp: options.mpp, forceMpp: options.forceMpp });
  try {
    observer.stage?.('tissue');
    const prepared = await prepare(slide, engine, options);
    prepared.notices.forEach((message) => observer.notice?.(`${path}: ${message}`));
    const folder = new SlideFolder(join(out, prepared.id));
    await makeFolder(folder.path);
    const journal = await Journal.open(folder.journal, fingerprint(prepared, engine));
    try {
      observer.stage?.('segment');
      const work = { prepared, engine, journal, folder, options, observer, signal, start };
      const summary = await segment(work);
      await journal.remove();
      return { id: prepared.id, folder: folder.path, hash: prepared.hash, summary };
    } catch (error) {
      await journal.keep().catch(() => {}); // what is done stays; the first error is the one to report
      throw error;
    } finally {
      await journal.close();
    }
  } finally {
    await slide.close();
  }
}

interface Work {
  readonly prepared: PreparedSlide;
  readonly engine: Engine;
  readonly journal: Journal;
  readonly folder: SlideFolder;
  readonly options: SlideSettings;
  readonly observer: SlideObserver;
  readonly signal: AbortSignal | undefined;
  readonly start: number;
}

/** Goes on from where the journal says, or begins anew if the journal does not fit. */
async function segment(work: Work): Promise<SlideSummary> {
  const { prepared, journal, observer } = work;
  const { path } = prepared.slide;
  const { notice, checkpoint } = journal;
  if (notice) observer.notice?.(`${path}: ${notice}`);
  if (!checkpoint) return segmentFrom(undefined, work);
  const total = prepared.patchIndices.length / 2;
  observer.notice?.(`${path}: going on at patch ${checkpoint.position} of ${total}`);
  observer.progress?.({ done: checkpoint.position, total, nuclei: checkpoint.nuclei, deviceBusy: 0 });
  try {
    return await segmentFrom(checkpoint, work);
  } catch (error) {
    if (!(error instanceof StaleCheckpoint)) throw error;
    observer.notice?.(`${path}: starting anew, since the journal does not fit: ${error.message}`);
    await journal.restart();
    return segmentFrom(undefined, work);
  }
}

/** Streams the slide's nuclei into the journal and the output. */
async function segmentFrom(checkpoint: Checkpoint | undefined, work: Work): Promise<SlideSummary> {
  const { prepared, engine, journal, folder, options, observer, signal, start } = work;
  const total = prepared.patchIndices.length / 2;
  const seconds = { read: 0, net: 0, stitch: 0, segment: 0, journal: 0 };
  const output = await SlideOutput.open(folder, prepared, engine, options.formats);
  try {
    for await (const block of journal.blocks()) await output.add(block);
    const begun = performance.now();
    const wanted = () => journal.due || signal?.aborted === true;
    for await (const batch of nucleiOf(prepared, engine, seconds, wanted, checkpoint)) {
      const before = performance.now();
      await journal.append(batch.block, batch.checkpoint);
      seconds.journal += (performance.now() - before) / 1000;
      await output.add(batch.block);
      const deviceBusy = busyShare(seconds.net, engine, begun);
      observer.progress?.({ done: batch.position, total, nuclei: batch.nuclei, deviceBusy });
      if (signal?.aborted && batch.checkpoint) {
        const { path } = prepared.slide;
        throw new HoverslideError('stopped', `${path}: stopped at patch ${batch.position} of ${total}`);
      }
    }
    observer.stage?.('publish');
    const failed = (what: string, reason: string) =>
      observer.notice?.(`${prepared.slide.path}: no ${what}: ${reason}`);
    return await output.finish(
      journal.last?.cutBlobs ?? 0,
      (publish) => runRecord(prepared, engine, options, start, { ...seconds, publish }),
      { features: options.features !== false, failed },
    );
  } catch (error) {
    await output.abort();
    throw error;
  }
}
