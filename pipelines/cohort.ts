import { mkdir } from 'node:fs/promises';
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
} from '../src/cohort/claim.js';
import { collectSlides, refuse, type CohortSlide, type Request } from '../src/cohort/input.js';
import { removeResults, whyAnew, wouldBeMade, type Asked } from '../src/cohort/made.js';
import { slidesOfShard, type Shard } from '../src/cohort/shard.js';
import type { Row, Running, Settled } from '../src/cohort/state.js';
import { StateLog, type Logged } from '../src/cohort/state-log.js';
import { HoverslideError, errorLine, exitCodes } from '../src/errors.js';
import { naming } from '../src/files.js';
import { openModel, type Model } from '../src/model/model.js';
import { attempt } from './attempt.js';
import type { EngineOptions } from './engine.js';
import { Engines } from './engines.js';
import type { SlideObserver, SlideResult } from './slide.js';

/** Slides whose states are looked up at a time. */
const lookups = 16;

/** Slides to run, all checked, and their models by path. */
export interface Cohort {
  readonly slides: readonly CohortSlide[];
  readonly models: ReadonlyMap<string, Model>;
}

export interface CohortOptions extends Asked {
  readonly engine: EngineOptions;
  readonly shard?: Shard | undefined;
  /** A fast disk of this machine to copy each slide to before it is read. */
  readonly disk?: string | undefined;
}

export interface CohortObserver extends Omit<SlideObserver, 'stage'> {
  /** A slide is begun; `why` where it is not the first time. */
  begin?(slide: CohortSlide, why?: string): void;
  /** A slide has results; `state` is done, or skipped where they are empty. */
  done?(result: SlideResult, state: Settled): void;
  failed?(slide: CohortSlide, error: unknown): void;
  /** A slide that needs no work: its result is there already, or another run has ended it meanwhile. */
  settled?(slide: CohortSlide, state: Settled): void;
  /** Only slides that other runs work on are left. */
  waiting?(slides: readonly CohortSlide[]): void;
}

/**
 * Finds the slides of a request and their models.
 * @throws HoverslideError that names all that is wrong, before anything runs
 */
export async function openCohort(request: Request): Promise<Cohort> {
  const { slides, problems } = await collectSlides(request);
  const models = new Map<string, Model>();
  for (const path of new Set(slides.map(({ model }) => model))) {
    try {
      models.set(path, await openModel(path));
    } catch (error) {
      const kind = error instanceof HoverslideError ? error.kind : 'internal';
      problems.push({ kind, text: errorLine(error) });
    }
  }
  refuse(problems);
  return { slides, models };
}

/**
 * Brings every slide of a cohort into a settled state, one after the other, those of one model together. Slides that
 * are done and unchanged stay as they are. Other runs may share the folder: what they work on is left to them, and
 * taken over if they die.
 * @param signal stops the run within 30 s; journals are kept
 * @returns the exit code: 0, or the failure's own where there was one slide, or 1 where some of several failed
 * @throws HoverslideError where going on is pointless: `output`, `unavailable`; `stopped` if the signal came
 */
export async function runCohort(
  cohort: Cohort,
  out: string,
  options: CohortOptions,
  observer: CohortObserver = {},
  signal: AbortSignal = new AbortController().signal,
  pace: Pace = defaultPace,
): Promise<number> {
  await naming(out, () => mkdir(out, { recursive: true }));
  const slides = options.shard ? slidesOfShard(cohort.slides, options.shard) : cohort.slides;
  // All shards' slides are enlisted, so that each shard's folder knows the whole cohort.
  const enlisted = await enlist(cohort.slides, out);
  const run = new CohortRun(cohort.models, out, options, observer, signal, pace, enlisted);
  try {
    for (let left = byModel(slides); left.length > 0;) {
      const elsewhere: CohortSlide[] = [];
      for (const slide of left) {
        if (signal.aborted) throw new HoverslideError('stopped', `stopped before ${slide.path}`);
        if (!(await run.turn(slide))) elsewhere.push(slide);
      }
      left = elsewhere;
      if (left.length === 0) break;
      observer.waiting?.(left);
      await delay(pace.look, undefined, { signal }).catch(() => {}); // seen above
    }
  } finally {
    await run.engines.close();
  }
  return exitCode(run.outcomes);
}

/** One run's view of the cohort. */
class CohortRun {
  readonly engines: Engines;
  /** Of the slides that were settled. */
  readonly outcomes: Settled[] = [];
  readonly #watch: Watch;

  constructor(
    private readonly models: ReadonlyMap<string, Model>,
    private readonly out: string,
    private readonly options: CohortOptions,
    private readonly observer: CohortObserver,
    private readonly signal: AbortSignal,
    private readonly pace: Pace,
    /** Numbers of the slides' states when the run began. */
    private readonly enlisted: ReadonlyMap<string, number>,
  ) {
    this.engines = new Engines(options.engine);
    this.#watch = new Watch(pace);
  }

  /** Does what there is to do for a slide; false if another run is at it. */
  async turn(slide: CohortSlide): Promise<boolean> {
    const log = new StateLog(join(this.out, slide.id));
    const seen = await log.last();
    if (!seen)
      throw new HoverslideError('output', `${join(this.out, slide.id)}: the slide's states are gone`);
    const model = this.models.get(slide.model)!;
    const plan = await this.#plan(slide, model, seen);
    if (plan === 'elsewhere') return false;
    if ('keep' in plan) return this.#keep(slide, log, seen.number, plan.keep);

    const claim = await Claim.take(log, seen, rowOf(slide), this.pace);
    if (!claim) return false;
    this.observer.begin?.(slide, plan.why);
    if (isSettled(seen.state)) await removeResults(join(this.out, slide.id));
    const { engines, options, out, observer, signal } = this;
    const outcome = await attempt({ slide, model, claim, engines, options, out, observer, signal });
    if (!outcome) return false;
    this.outcomes.push(outcome);
    return true;
  }

  /** To run a slide, and why if not for the first time; or to keep its state; or another run is at it. */
  async #plan(
    slide: CohortSlide,
    model: Model,
    seen: Logged,
  ): Promise<{ why: string | undefined } | { keep: Settled } | 'elsewhere'> {
    const { state, number } = seen;
    if (isRunning(seen)) {
      if (!this.#watch.isDead(seen)) return 'elsewhere';
      if (afterDeath(seen.state).deaths >= mostDeaths) return { keep: killer(seen.state) };
      return { why: `taken over: its run on ${seen.state.owner.host} has died` };
    }
    if (!isSettled(state)) return { why: undefined };
    if (number > this.enlisted.get(slide.id)!) return { keep: state };
    if (state.state === 'failed') return { why: `again: it failed before (${state.error})` };
    const now = await wouldBeMade(slide, model, this.options);
    const why = await whyAnew(state.made, now, slide, join(this.out, slide.id));
    return why === undefined ? { keep: state } : { why: `again: ${why}` };
  }

  /** Keeps a slide's state, under the manifest's columns of today. */
  async #keep(slide: CohortSlide, log: StateLog, number: number, state: Settled): Promise<boolean> {
    const kept: Settled = { ...state, row: rowOf(slide) };
    const changed = state.state === 'failed' || JSON.stringify(kept) !== JSON.stringify(state);
    if (changed && !(await log.append(number, kept))) return false;
    this.outcomes.push(kept);
    this.observer.settled?.(slide, kept);
    return true;
  }
}

/** Gives every slide without a state the first one: queued. */
async function enlist(slides: readonly CohortSlide[], out: string): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  for (let first = 0; first < slides.length; first += lookups) {
    await Promise.all(
      slides.slice(first, first + lookups).map(async (slide) => {
        const log = new StateLog(join(out, slide.id));
        const seen = await log.last();
        if (!seen) await log.append(0, { state: 'queued', row: rowOf(slide) });
        numbers.set(slide.id, seen?.number ?? 1);
      }),
    );
  }
  return numbers;
}

/** Models in the order in which they come first, and each one's slides in the order given. */
function byModel(slides: readonly CohortSlide[]): CohortSlide[] {
  const models = [...new Set(slides.map(({ model }) => model))];
  return models.flatMap((model) => slides.filter((slide) => slide.model === model));
}

function rowOf({ id, path, file, columns }: CohortSlide): Row {
  return { id, path, bytes: file.bytes, columns };
}

/** The end of a slide at which run after run has died. */
function killer({ row, begun, heartbeat, progress, owner }: Running): Settled {
  const { stage, done, total } = progress;
  const error =
    `${mostDeaths} runs died at this slide, the last one on ${owner.host} at patch ${done} of ${total}: ` +
    'often that is a lack of memory';
  return { state: 'failed', row, begun, finished: heartbeat, stage, kind: 'internal', error };
}

function exitCode(outcomes: readonly Settled[]): number {
  const failures = outcomes.filter((outcome) => outcome.state === 'failed');
  if (failures.length === 0) return 0;
  return outcomes.length === 1 ? exitCodes[failures[0]!.kind] : exitCodes.partial;
}
