import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorLine, HoverslideError } from '../../src/errors.js';
import type { Model } from '../../src/model/model.js';
import { openSlide } from '../../src/slide/slide.js';
import { openEngine, type Engine, type EngineOptions } from '../engine/engine.js';
import { withDefaults, workOn } from '../slide/prepare.js';
import { runSlide } from '../slide/run-slide.js';
import { columnName, type CohortSlide } from './cohort-slide.js';
import type { Cohort } from './open-cohort.js';
import { slidesOfShard } from './shard.js';

/** A slide and how much there is to do on it, or why that is not known. */
export interface PlannedSlide {
  readonly slide: CohortSlide;
  readonly patches: number;
  readonly tissueMm2: number;
  readonly problem?: string;
}

/** What a cohort will take on one machine. */
export interface Plan {
  /** Seconds of each slide; 0 where a problem keeps it from running. */
  readonly slides: readonly (PlannedSlide & { readonly seconds: number })[];
  /** Measured speed by model. */
  readonly rates: ReadonlyMap<string, number>;
}

/**
 * Looks at every slide of a cohort, and measures how fast this machine gets on with the largest ones.
 * @param seconds how long each model is measured at most
 * @throws HoverslideError as openEngine and runSlide do
 */
export async function planCohort(
  cohort: Cohort,
  engine: EngineOptions,
  seconds: number,
  tell: (slide: PlannedSlide) => void = () => {},
): Promise<Plan> {
  const planned: PlannedSlide[] = [];
  for (const slide of cohort.slides) {
    const seen = await look(slide, cohort.models.get(slide.model)!);
    planned.push(seen);
    tell(seen);
  }
  const rates = new Map<string, number>();
  for (const [path, model] of cohort.models) {
    const own = planned.filter(({ slide, patches }) => slide.model === path && patches > 0);
    if (own.length === 0) continue;
    const largestFirst = own.sort((a, b) => b.patches - a.patches).map(({ slide }) => slide);
    rates.set(path, await patchesPerSecond(largestFirst, model, engine, seconds));
  }
  const slides = planned.map((each) => ({
    ...each,
    seconds: each.patches === 0 ? 0 : each.patches / rates.get(each.slide.model)!,
  }));
  return { slides, rates };
}

/** Returns the seconds until the last of so many machines like this one is done, each with its shard of the slides. */
export function secondsOn(nodes: number, { slides }: Plan): number {
  const of = new Map(slides.map(({ slide, seconds }) => [slide, seconds]));
  const shards = Array.from({ length: nodes }, (_, k) =>
    slidesOfShard([...of.keys()], { index: k + 1, count: nodes }),
  );
  return Math.max(...shards.map((shard) => shard.reduce((sum, slide) => sum + of.get(slide)!, 0)));
}

async function look(slide: CohortSlide, { card }: Model): Promise<PlannedSlide> {
  const { path, mpp, mask, roi } = slide;
  try {
    const opened = await openSlide(path, { mpp });
    try {
      const { patches, tissueUm2 } = await workOn(opened, card, withDefaults({ mpp, mask, roi }));
      return { slide, patches, tissueMm2: tissueUm2 / 1e6 };
    } finally {
      await opened.close();
    }
  } catch (error) {
    const named = error instanceof HoverslideError ? error.naming(columnName) : error;
    return { slide, patches: 0, tissueMm2: 0, problem: errorLine(named) };
  }
}

/** Runs slides, one after the other and their results thrown away, until the time is over. */
async function patchesPerSecond(
  slides: readonly CohortSlide[],
  model: Model,
  options: EngineOptions,
  seconds: number,
): Promise<number> {
  const out = await mkdtemp(join(tmpdir(), 'hoverslide-plan-'));
  const engine = await openEngine(model, options);
  let [patches, spent] = [0, 0];
  try {
    for (const slide of slides) {
      const measured = await measure(slide, engine, out, seconds - spent);
      patches += measured.patches;
      spent += measured.seconds;
      if (spent >= seconds) break;
    }
  } finally {
    await engine.close();
    await rm(out, { recursive: true, force: true });
  }
  return patches / spent;
}

/**
 * Runs a slide for some seconds at most. What comes before its first batch does not count, unless there is but one: in a
 * cohort the slide before is at work meanwhile.
 */
async function measure({ path, id, mpp, mask }: CohortSlide, engine: Engine, out: string, most: number) {
  const now = () => performance.now() / 1000;
  const begun = now();
  const over = new AbortController();
  let first: { done: number; at: number } | undefined;
  let last = { done: 0, at: begun };
  const progress = ({ done }: { readonly done: number }) => {
    last = { done, at: now() };
    first ??= last;
    if (last.at - first.at >= most) over.abort();
  };
  try {
    await runSlide(path, out, engine, { id, mpp, mask }, { progress }, over.signal);
  } catch (error) {
    if (!(error instanceof HoverslideError) || error.kind !== 'stopped') throw error;
  }
  if (!first || first === last) return { patches: last.done, seconds: now() - begun };
  return { patches: last.done - first.done, seconds: last.at - first.at };
}
