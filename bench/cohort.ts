import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCohort } from '../pipelines/cohort/run-cohort.js';
import { openCohort } from '../pipelines/cohort/open-cohort.js';
import { reportCohort } from '../pipelines/report/report-cohort.js';
import { ownedCores } from '../src/machine.js';
import { writeTinySlide } from '../testkit/cohort-slides.js';
import { stubModel } from '../testkit/stub.js';
import type { BenchSection } from './section.js';

const slides = 500;
const every = 100;
/**
 * Most seconds that a slide may take beside its net, and most growth of memory from the first hundred slides to the
 * last.
 */
const limits = { seconds: 0.3, growth: 1.1 };

/** Measures what a cohort costs beside the net: 500 slides of four patches each, with a net that costs nothing. */
export async function benchCohort(): Promise<BenchSection> {
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-bench-'));
  try {
    return await measure(join(folder, 'slides.d'), join(folder, 'out'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, out: string): Promise<BenchSection> {
  await mkdir(folder);
  for (let k = 0; k < slides; k++) await writeTinySlide(join(folder, `${String(k).padStart(3, '0')}.tif`), k);

  const cores = ownedCores();
  const engine = { provider: 'cpu', threads: cores, workers: cores, batch: 16, readBlock: 4 } as const;
  const cohort = await openCohort({ slides: [folder], model: stubModel });
  const rows: { slides: string; 's per slide': number; 'memory MB': number }[] = [];
  let [done, start] = [0, performance.now()];
  const code = await runCohort(
    cohort,
    out,
    { engine, tissueMask: true, formats: ['parquet'] },
    {
      done: () => {
        if (++done % every !== 0) return;
        const now = performance.now();
        rows.push({
          slides: `${done - every + 1} to ${done}`,
          's per slide': Number(((now - start) / 1000 / every).toFixed(3)),
          'memory MB': Math.round(process.memoryUsage.rss() / 1e6),
        });
        start = now;
      },
    },
  );
  const before = performance.now();
  await reportCohort(out);
  const report = (performance.now() - before) / 1000;

  const slowest = Math.max(...rows.map((row) => row['s per slide']));
  const growth = rows.at(-1)!['memory MB'] / rows[0]!['memory MB'];
  const kept = code === 0 && done === slides && slowest <= limits.seconds && growth <= limits.growth;
  return {
    title: 'Cohort of 500 tiny slides',
    command: 'npm run bench cohort',
    rows,
    notes: [
      `Limits: ${limits.seconds} s per slide, memory ${limits.growth} times that of the first hundred: ${kept ? 'kept' : 'BROKEN'} (${slowest} s, ${growth.toFixed(2)} times).`,
      `The report of these ${slides} slides took ${report.toFixed(1)} s.`,
    ],
  };
}
