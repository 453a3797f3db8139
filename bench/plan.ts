import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openCohort } from '../pipelines/cohort/open-cohort.js';
import { planCohort, secondsOn } from '../pipelines/cohort/plan.js';
import { runCohort } from '../pipelines/cohort/run-cohort.js';
import { ownedCores } from '../src/machine.js';
import { packageRoot } from '../src/package-root.js';
import { shared } from '../testkit/shared.js';
import { timed } from './bare-net.js';
import type { BenchSection } from './section.js';

/** Most that a plan may be off. */
const limit = 0.15;
/** Seconds of measuring for a plan. */
const measuring = 30;

/** Compares what `hoverslide bench --plan` says of three cohorts with what they take. */
export async function benchPlan(): Promise<BenchSection> {
  const section = shared('slides/tcga-v5-a7re.tif');
  if (section.missing) throw new Error(`needs ${section.missing}`);
  const [sample, region] = ['CMU-1-Small-Region.svs', 'tcga-v5-a7re-region.tif'].map((name) =>
    join(packageRoot, 'samples', name),
  ) as [string, string];
  const cores = ownedCores();
  const engine = { provider: 'cpu', threads: cores, workers: cores } as const;
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-plan-'));
  try {
    const rows: Record<string, string | number>[] = [];
    let worst = 0;
    const cohorts = {
      'one section': [section.path],
      'six samples': Array<string>(6).fill(sample),
      mixed: [sample, section.path, region],
    };
    for (const [name, files] of Object.entries(cohorts)) {
      const slides = join(folder, name);
      await mkdir(slides);
      for (const [k, file] of files.entries()) await copyFile(file, join(slides, `${k}-${basename(file)}`));
      const cohort = await openCohort({ slides: [slides] });
      const planned = secondsOn(1, await planCohort(cohort, engine, measuring));
      const options = { engine, tissueMask: true, formats: ['parquet'] } as const;
      const { wall } = await timed(() => runCohort(cohort, join(folder, `${name} out`), options));
      worst = Math.max(worst, Math.abs(planned / wall - 1));
      rows.push({
        cohort: name,
        slides: files.length,
        'planned s': Number(planned.toFixed(1)),
        'run s': Number(wall.toFixed(1)),
        'planned / run': Number((planned / wall).toFixed(3)),
      });
    }
    return {
      title: 'What a cohort will take, and what it took',
      command: 'npm run bench plan',
      rows,
      notes: [
        `Planned as \`hoverslide bench --plan\` does, with ${measuring} s of measuring; run: the whole command, opening the net too.`,
        `Limit: ${limit * 100} % off at most: ${worst <= limit ? 'kept' : 'BROKEN'}.`,
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
