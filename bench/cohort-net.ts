import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCohort } from '../pipelines/cohort/open-cohort.js';
import { runCohort } from '../pipelines/cohort/run-cohort.js';
import { openEngine } from '../pipelines/engine/engine.js';
import { prepare, withDefaults } from '../pipelines/slide/prepare.js';
import { embeddedModel } from '../src/model/embedded.js';
import { ownedCores } from '../src/machine.js';
import { openModel } from '../src/model/model.js';
import { packageRoot } from '../src/package-root.js';
import { openSlide } from '../src/slide/slide.js';
import { readBatches, runNet, sumOf, timed, type Seconds } from './bare-net.js';
import type { BenchSection } from './section.js';

const copies = 20;
/** Most wall time of the cohort over that of the bare net. */
const limit = 1.03;
const sample = join(packageRoot, 'samples', 'CMU-1-Small-Region.svs');

/** Measures what a cohort of small slides takes beside its net: twenty copies of the sample under other names. */
export async function benchCohortNet(): Promise<BenchSection> {
  const cores = ownedCores();
  const engine = { provider: 'cpu', threads: cores, workers: cores } as const;
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-cohort-net-'));
  try {
    const slides = join(folder, 'slides');
    await mkdir(slides);
    for (let k = 0; k < copies; k++)
      await copyFile(sample, join(slides, `${String(k).padStart(2, '0')}.svs`));

    const model = await openModel();
    const net = async (times: number): Promise<Seconds> => {
      const opened = await openEngine(model, engine);
      const slide = await openSlide(sample);
      try {
        const batches = await readBatches(await prepare(slide, opened, withDefaults({})), opened);
        return await timed(async () => {
          for (let k = 0; k < times; k++) await runNet(batches, opened);
        });
      } finally {
        await slide.close();
        await opened.close();
      }
    };

    const cohort = await openCohort({ slides: [slides], model: embeddedModel });
    const first = await net(copies / 4);
    const whole = await timed(() =>
      runCohort(cohort, join(folder, 'out'), { engine, tissueMask: true, formats: ['parquet'] }),
    );
    const second = await net(copies / 4);
    const half = sumOf([first, second]);
    const alone = { wall: 2 * half.wall, cpu: 2 * half.cpu };
    const ratio = whole.wall / alone.wall;
    return {
      title: 'Cohort of small slides beside the net alone',
      command: 'npm run bench cohort-net',
      rows: [
        {
          slides: copies,
          'net alone s': Number(alone.wall.toFixed(1)),
          'cohort s': Number(whole.wall.toFixed(1)),
          ratio: Number(ratio.toFixed(3)),
          'net alone CPU s': Number(alone.cpu.toFixed(1)),
          'cohort CPU s': Number(whole.cpu.toFixed(1)),
          'ratio of CPU': Number((whole.cpu / alone.cpu).toFixed(3)),
        },
      ],
      notes: [
        "Twenty copies of the sample (0.66 mm2 each) in one run, which opens the net too. Net alone: the sample's own batches, read before, five times before and five times after, doubled.",
        `Limit: ${limit} by the clock: ${ratio <= limit ? 'kept' : 'BROKEN'}.`,
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
