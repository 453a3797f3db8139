import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Claim,
  Watch,
  afterDeath,
  defaultPace,
  isRunning,
  isSettled,
  mostDeaths,
  type Pace,
} from '../../src/cohort/claim.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { slidesOfShard } from './shard.js';
import { placeOf, type Running, type Settled, type SlideState } from '../../src/cohort/state.js';
import { StateLog } from '../../src/cohort/state-log.js';
import type { CohortSlide } from './cohort-slide.js';
import { HoverslideError, exitCodes } from '../../src/errors.js';
import { makeFolder } from '../../src/files.js';
import type { Model } from '../../src/model/model.js';
import { journalPosition } from '../../src/nuclei/journal.js';
import { attempt } from './attempt.js';
import { EndWatch, overlapped, type Side } from './overlap.js';
import { ProgressCounter } from './cohort-progress.js';
import { watched } from './watchdog.js';
import { Engines } from '../engine/engines.js';
import { enqueue, rowOf } from './enqueue.js';
import type { Cohort, CohortObserver, CohortOptions } from './open-cohort.js';

/**
 * Brings every slide of a cohort into a settled state, one after the other; near its end a slide is joined by the next
 * one, so that the net need not wait. Slides of the same model are done together.
 * Slides that are done and unchanged stay as they are. Other runs may share the folder: the slides that they work on
 * are left to them, and are taken over if those runs die.
 * @param signal stops the run within 30 s; journals are kept
 * @returns the exit code: 0 if none failed, the failure's own code if there was one slide, 1 if some of several failed
 * @throws HoverslideError for a failure that every other slide would meet too: `output`, `unavailable`; `stopped` if
 *   the signal came
 */
export async function runCohort(
  cohort: Cohort,
  out: string,
  options: CohortOptions,
  observer: CohortObserver = {},
  signal: AbortSignal = new AbortController().signal,
  pace: Pace = defaultPace,
): Promise<number> {
  await makeFolder(out);
  const slides = options.shard ? slidesOfShard(cohort.slides, options.shard) : cohort.slides;
  const kept = await enqueue(cohort, slides, out, options);
  const run = new CohortRun(slides, cohort.models, out, options, observer, signal, pace);
  for (const { slide, state, added } of kept) {
    if (added.length > 0) observer.notice?.(`${slide.path}: ${added.join(', ')}: made from its table`, slide);
    run.settle(slide, state);
  }
  const ended = new Set(kept.map(({ slide }) => slide));
  try {
    for (let left = byModel(slides.filter((slide) => !ended.has(slide))); left.length > 0;) {
      const sameModel = (before: CohortSlide, next: CohortSlide) => before.model === next.model;
      const advanced = await overlapped(left, sameModel, (slide, side) => run.advance(slide, side));
      left = left.filter((_, k) => !advanced[k]);
      if (left.length === 0) break;
      observer.waiting?.(left);
      await delay(pace.look, undefined, { signal }).catch(() => {}); // the loop above checks the signal
    }
  } finally {
    await run.engines.close();
  }
  return exitCode(run.outcomes);
}

/** One run's view of the cohort. */
class CohortRun {
  readonly engines: Engines;
  /** Outcomes of the slides that were settled. */
  readonly outcomes: Settled[] = [];
  readonly #watch: Watch;
  readonly #ends = new EndWatch();
  readonly #counter: ProgressCounter;

  constructor(
    slides: readonly CohortSlide[],
    private readonly models: ReadonlyMap<string, Model>,
    private readonly out: string,
    private readonly options: CohortOptions,
    private readonly observer: CohortObserver,
    private readonly signal: AbortSignal,
    private readonly pace: Pace,
  ) {
    this.engines = new Engines(options.engine);
    this.#watch = new Watch(pace);
    this.#counter = new ProgressCounter(slides);
  }

  /** Does what there is to do for a slide. Returns false if another run is at work on it. */
  async advance(slide: CohortSlide, { nearlyDone, alone, stop }: Side): Promise<boolean> {
    if (this.signal.aborted) throw new HoverslideError('stopped', `stopped before ${slide.path}`);
    const folder = new SlideFolder(join(this.out, slide.id));
    const log = new StateLog(folder);
    const seen = await log.last();
    if (!seen) throw new HoverslideError('output', `${folder.path}: the slide's states are gone`);
    if (isSettled(seen.state)) return this.settle(slide, seen.state); // settled by another run
    let reached = 0;
    const hasDied = isRunning(seen);
    if (hasDied) {
      if (!this.#watch.isDead(seen)) return false;
      await alone(); // if it kills its process, no other slide shall seem to
      reached = await journalPosition(folder.journal);
      if (afterDeath(seen.state, reached).deaths >= mostDeaths) {
        const end = failureAfterDeaths(seen.state);
        return (await log.append(seen.number, end)) && this.settle(slide, end);
      }
    }
    const claim = await Claim.take(log, seen, rowOf(slide), reached, this.pace);
    if (!claim) return false;
    this.observer.begin?.(slide, this.#counter.progress, reason(seen.state));
    const { engines, options, out, observer, pace } = this;
    const signal = AbortSignal.any([this.signal, stop]);
    const end = this.#ends.of(hasDied ? () => {} : nearlyDone);
    const model = this.models.get(slide.model)!;
    const outcome = await watched(
      claim,
      pace,
      (where) => observer.stalled?.(slide, where),
      () => attempt({ slide, model, claim, engines, options, out, observer, signal, end }),
    );
    if (!outcome) return false;
    this.outcomes.push(outcome);
    this.#counter.settle(slide, outcome, true);
    return true;
  }

  /** Records a slide that needs no work of this run. */
  settle(slide: CohortSlide, state: Settled): true {
    this.outcomes.push(state);
    this.#counter.settle(slide, state, false);
    this.observer.settled?.(slide, state);
    return true;
  }
}

/** Returns why a slide is begun again; undefined if it is begun for the first time. */
function reason(state: SlideState): string | undefined {
  if (state.state === 'running') return `taken over: its run on ${state.owner.host} has died`;
  return state.state === 'queued' && state.why !== undefined ? `again: ${state.why}` : undefined;
}

/** Sorts slides by model: models in the order in which they come first, and the slides of each in the order given. */
function byModel(slides: readonly CohortSlide[]): CohortSlide[] {
  const models = [...new Set(slides.map(({ model }) => model))];
  return models.flatMap((model) => slides.filter((slide) => slide.model === model));
}

/** Returns the final state of a slide at which run after run has died. */
function failureAfterDeaths({ row, begun, heartbeat, progress, owner, stalled, earlier }: Running): Settled {
  const { stage } = progress;
  const where = `${placeOf(progress)} on ${owner.host}`;
  const error = stalled
    ? `${mostDeaths} runs made no progress at this slide and were ended, the last one ${where}`
    : `${mostDeaths} runs died at this slide, the last one ${where}: often that is a lack of memory`;
  return { state: 'failed', row, begun, finished: heartbeat, stage, kind: 'internal', error, earlier };
}

function exitCode(outcomes: readonly Settled[]): number {
  const failures = outcomes.filter((outcome) => outcome.state === 'failed');
  if (failures.length === 0) return 0;
  return outcomes.length === 1 ? exitCodes[failures[0]!.kind] : exitCodes.partial;
}
