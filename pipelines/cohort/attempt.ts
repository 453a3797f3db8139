import { setTimeout as delay } from 'node:timers/promises';
import type { Claim } from '../../src/cohort/claim.js';
import { columnName, type CohortSlide } from './cohort-slide.js';
import { currentProvenance } from './provenance.js';
import { copyToLocalDisk } from './local-copy.js';
import type { Settled } from '../../src/cohort/state.js';
import { HoverslideError, errorLine, type ErrorKind } from '../../src/errors.js';
import type { Model } from '../../src/model/model.js';
import type { CohortObserver, CohortOptions } from './open-cohort.js';
import type { EndWatch } from './overlap.js';
import type { Engine } from '../engine/engine.js';
import type { Engines } from '../engine/engines.js';
import { runSlide, type SlideResult } from '../slide/run-slide.js';

/** Milliseconds that a stop waits for the slide's next safe point. The journal survives without one, too. */
const grace = 15_000;

/** Failures of the machine, not of the slide. The slide goes back into the queue and keeps its journal. */
const machineFailures: readonly ErrorKind[] = ['unavailable', 'device', 'deviceMemory', 'stopped'];

/** Failures that end the run, since every other slide would fail too. */
const fatalFailures: readonly ErrorKind[] = ['output', ...machineFailures];

/** Returns whether a slide that ended with this error waits for the next run instead of counting as failed. */
export function isRequeued(error: unknown): boolean {
  return error instanceof HoverslideError && machineFailures.includes(error.kind);
}

export function endsRun(error: unknown): boolean {
  return error instanceof HoverslideError && fatalFailures.includes(error.kind);
}

/** One claimed slide and all that its run needs. */
export interface Attempt {
  readonly slide: CohortSlide;
  readonly model: Model;
  readonly claim: Claim;
  readonly engines: Engines;
  readonly options: CohortOptions;
  readonly out: string;
  readonly observer: CohortObserver;
  readonly signal: AbortSignal;
  /** Told of the slide's stages and progress, to know when the next one may begin. */
  readonly end: ReturnType<EndWatch['of']>;
}

/**
 * Runs a claimed slide and ends its claim.
 * @returns its outcome; undefined if another run has taken the slide over
 * @throws HoverslideError for a failure that every other slide would meet too: `output`, `unavailable`, `device`,
 *   `deviceMemory`, `stopped`
 */
export async function attempt(work: Attempt): Promise<Settled | undefined> {
  const { slide, claim, observer, signal } = work;
  try {
    const result = await stoppable(segment(work), slide, signal);
    const settled = await claim.settle(await outcomeOf(result, work));
    if (settled) observer.done?.(result, settled);
    return settled;
  } catch (error) {
    if (claim.lost.aborted) {
      observer.notice?.(`${slide.path}: left to another run, which held this one for dead`, slide);
      return undefined;
    }
    observer.failed?.(slide, error);
    return fail(error, work);
  }
}

async function segment(work: Attempt): Promise<SlideResult> {
  const { slide, model, claim, engines, options, observer } = work;
  claim.report({ stage: 'copy' });
  const copy =
    options.localDisk === undefined ? undefined : await copyToLocalDisk(slide.path, options.localDisk);
  if (copy?.notice !== undefined) observer.notice?.(`${slide.path}: ${copy.notice}`, slide);
  try {
    for (;;) {
      claim.report({ stage: 'model' });
      const engine = await engines.take(model);
      try {
        return await segmentWith(engine, copy?.path ?? slide.path, work);
      } catch (error) {
        if (!(error instanceof HoverslideError) || error.kind !== 'deviceMemory') throw error;
        const batch = engines.halveBatch(engine);
        if (batch === undefined) throw error;
        // The slide's rows depend on the batch size, so the rows in the journal cannot be kept.
        const what = `starting anew with batches of ${batch} patches: ${error.message}`;
        observer.notice?.(`${slide.path}: ${what}`, slide);
      } finally {
        engines.release(engine);
      }
    }
  } finally {
    await copy?.remove();
  }
}

async function segmentWith(engine: Engine, path: string, work: Attempt): Promise<SlideResult> {
  const { slide, claim, options, out, observer, signal, end } = work;
  const named = (text: string) => text.replaceAll(path, slide.path);
  const { id, mpp, mask, roi } = slide;
  const { tissueMask, forceMpp, stain, formats, features } = options;
  let told = 0;
  const tellNotices = () => {
    const { notices } = engine.inference;
    for (const notice of notices.slice(told)) observer.notice?.(`${slide.path}: ${notice}`, slide);
    told = notices.length;
  };
  tellNotices();
  try {
    return await runSlide(
      path,
      out,
      engine,
      { id, mpp, forceMpp, mask, roi, tissueMask, stain, formats, features },
      {
        stage: (name) => {
          claim.report({ stage: name });
          end.stage(name);
        },
        notice: (message) => observer.notice?.(named(message), slide),
        progress: (progress) => {
          tellNotices(); // about a device that was lost meanwhile
          claim.report(progress);
          observer.progress?.(progress, slide);
          end.progress(progress);
        },
      },
      AbortSignal.any([signal, claim.lost]),
    );
  } catch (error) {
    if (!(error instanceof HoverslideError)) throw error;
    const inManifest = (name: string) => slide.fromManifest.includes(name);
    const { kind, message, option } = error.naming((name) =>
      inManifest(name) ? columnName(name) : `option ${name}`,
    );
    throw new HoverslideError(kind, named(message), { cause: error, ...(option && { option }) });
  }
}

async function outcomeOf({ hash, summary }: SlideResult, { slide, model, options }: Attempt) {
  const made = { ...(await currentProvenance(slide, model, options)), file: { ...slide.file, hash } };
  if (summary.tissue_area_mm2 > 0) return { state: 'done', made } as const;
  return { state: 'skipped', made, reason: 'no tissue was found on it' } as const;
}

/** Ends the claim of a slide that was not done. */
async function fail(error: unknown, { claim, engines }: Attempt): Promise<Settled | undefined> {
  const kind: ErrorKind = error instanceof HoverslideError ? error.kind : 'internal';
  if (isRequeued(error)) {
    await claim.giveBack();
    throw error;
  }
  if (kind === 'internal' || kind === 'model') engines.giveUp(); // the engine may be what broke
  const { stage } = claim.progress;
  const settled = claim.settle({ state: 'failed', stage, kind, error: errorLine(error) });
  if (!endsRun(error)) return settled;
  await settled.catch(() => {}); // where no output can be written, no state can be written either
  throw error;
}

/** Returns the work's result. Throws `stopped` some time after the signal, even if the work does not end. */
async function stoppable<Result>(
  work: Promise<Result>,
  { path }: CohortSlide,
  signal: AbortSignal,
): Promise<Result> {
  const over = new AbortController();
  const late = async () => {
    if (!signal.aborted) {
      await new Promise((resolve) =>
        signal.addEventListener('abort', resolve, { signal: over.signal, once: true }),
      );
    }
    await delay(grace, undefined, { signal: over.signal });
    throw new HoverslideError('stopped', `${path}: stopped between two safe points`);
  };
  const lateness = late();
  lateness.catch(() => {}); // no unhandled rejection where the work ends first
  work.catch(() => {});
  try {
    return await Promise.race([work, lateness]);
  } finally {
    over.abort();
  }
}
