import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCohort } from '../pipelines/cohort/open-cohort.js';
import { runCohort } from '../pipelines/cohort/run-cohort.js';
import { openEngine, type EngineOptions } from '../pipelines/engine/engine.js';
import { prepare, withDefaults } from '../pipelines/slide/prepare.js';
import { embeddedModel } from '../src/model/embedded.js';
import { ownedCores } from '../src/machine.js';
import { openModel } from '../src/model/model.js';
import { packageRoot } from '../src/package-root.js';
import { openSlide } from '../src/slide/slide.js';
import { besideNet, readBatches, runNet, sumOf, timed, type Seconds } from './bare-net.js';
import type { BenchSection } from './section.js';

/** Most wall time of the cohort over that of the bare net. */
const limit = 1.03;
const sample = join(packageRoot, 'samples', 'CMU-1-Small-Region.svs');

/**
 * Measures what a cohort of small slides takes beside its net: copies of the sample under other names. With a net on every
 * core the rest takes its time from the net; with a core less it need not.
 */
export async function benchCohortNet(): Promise<BenchSection> {
  const cores = ownedCores();
  const rows = [await measure(20, cores)];
  if (cores > 1) rows.push(await measure(8, cores - 1));
  const ratio = rows.at(-1)!.ratio;
  return {
    title: 'Cohort of small slides beside the net alone',
    command: 'npm run bench cohort-net',
    rows,
    notes: [
      "Copies of the sample (0.66 mm2 each) in one run, which opens the net too. Net alone: the sample's own batches, read before, a quarter of the cohort before and a quarter after, doubled.",
      `Limit by the clock where the net leaves a core to the rest: ${limit}: ${ratio <= limit ? 'kept' : 'BROKEN'}. Where it takes them all, no order of work can hide what the rest costs (ratio of CPU).`,
    ],
  };
}

async function measure(copies: number, threads: number) {
  const engine = { provider: 'cpu', threads, workers: ownedCores() } as const;
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-cohort-net-'));
  try {
    const slides = join(folder, 'slides');
    await mkdir(slides);
    for (let k = 0; k < copies; k++)
      await copyFile(sample, join(slides, `${String(k).padStart(2, '0')}.svs`));

    const cohort = await openCohort({ slides: [slides], model: embeddedModel });
    const first = await netAlone(engine, copies / 4);
    const whole = await timed(() =>
      runCohort(cohort, join(folder, 'out'), { engine, tissueMask: true, formats: ['parquet'] }),
    );
    const second = await netAlone(engine, copies / 4);
    const half = sumOf([first, second]);
    const alone = { wall: 2 * half.wall, cpu: 2 * half.cpu };
    return {
      slides: copies,
      'threads of the net': threads,
      ...besideNet('cohort', alone, whole),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Measures the net alone on the sample's batches, so many times. */
async function netAlone(options: EngineOptions, times: number): Promise<Seconds> {
  const engine = await openEngine(await openModel(), options);
  const slide = await openSlide(sample);
  try {
    const batches = await readBatches(await prepare(slide, engine, withDefaults({})), engine);
    return await timed(async () => {
      for (let k = 0; k < times; k++) await runNet(batches, engine);
    });
  } finally {
    await slide.close();
    await engine.close();
  }
}
