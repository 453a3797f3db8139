import { collectSlides, refuse, type CohortRequest } from './collect-slides.js';
import type { CommonOptions } from './provenance.js';
import type { Shard } from './shard.js';
import type { Settled } from '../../src/cohort/state.js';
import type { CohortProgress } from './cohort-progress.js';
import type { CohortSlide } from './cohort-slide.js';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { seamlessOf } from '../../src/model/card.js';
import { openModel, type Model } from '../../src/model/model.js';
import type { EngineOptions } from '../engine/engine.js';
import type { SlideProgress, SlideResult } from '../slide/run-slide.js';

/** Slides to run, all checked, and their models by path. */
export interface Cohort {
  readonly slides: readonly CohortSlide[];
  readonly models: ReadonlyMap<string, Model>;
  /** Notices about what was left out of the input, one line each. */
  readonly notices: readonly string[];
}

export interface CohortOptions extends CommonOptions {
  readonly engine: EngineOptions;
  readonly shard?: Shard | undefined;
  /** A fast disk of this machine to copy each slide to before it is read. */
  readonly localDisk?: string | undefined;
}

/** Told of what happens to slides. Near its end a slide is joined by the next one, so that two can be at work. */
export interface CohortObserver {
  notice?(message: string, slide: CohortSlide): void;
  progress?(progress: SlideProgress, slide: CohortSlide): void;
  /** Called when a slide is begun; `why` is given where it is not the first time. */
  begin?(slide: CohortSlide, cohort: CohortProgress, why?: string): void;
  /** Called when a slide has results; `state` is done, or skipped where they are empty. */
  done?(result: SlideResult, state: Settled): void;
  failed?(slide: CohortSlide, error: unknown): void;
  /** Called for a slide that needs no work: its result is there already, or another run has ended it meanwhile. */
  settled?(slide: CohortSlide, state: Settled): void;
  /** Called when a slide makes no progress: the work hangs, and this process cannot end it. */
  stalled?(slide: CohortSlide, where: string): void;
  /** Called when only slides are left that other runs work on. */
  waiting?(slides: readonly CohortSlide[]): void;
}

/**
 * Finds the slides of a request and their models.
 * @throws HoverslideError that names all problems, before anything runs
 */
export async function openCohort(request: CohortRequest): Promise<Cohort> {
  const { slides, problems, notices } = await collectSlides(request);
  const models = new Map<string, Model>();
  for (const path of new Set(slides.map(({ model }) => model))) {
    try {
      const model = await openModel(path);
      seamlessOf(model); // told before anything runs
      models.set(path, model);
    } catch (error) {
      const kind = error instanceof HoverslideError ? error.kind : 'internal';
      problems.push({ kind, text: errorLine(error) });
    }
  }
  refuse(problems);
  return { slides, models, notices };
}
