import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ownedCores } from '../src/machine.js';
import { packageRoot } from '../src/package-root.js';
import { placeGeneratedTable } from './generated-table.js';
import type { BenchSection } from './section.js';

/** Goals in seconds of an idle machine, by number of nuclei, and in MB for all. */
const goals = { 1e6: 8, 1e7: 90 } as const;
const goalMegabytes = 400;

export interface FeatureCosts {
  readonly seconds: number;
  readonly firstPass: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/** Measures how long it takes to find what is around the nuclei of a slide and its features, and how much memory. */
export async function benchFeatures(): Promise<BenchSection> {
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-features-'));
  const load = loadavg()[0]!;
  try {
    const rows = [];
    for (const [nuclei, goal] of Object.entries(goals)) {
      const path = join(folder, 'nuclei.parquet');
      await placeGeneratedTable(path, Number(nuclei));
      const figures = await measureFeatures(path, folder);
      rows.push({
        nuclei,
        s: figures.seconds.toFixed(1),
        'of it first pass s': figures.firstPass.toFixed(1),
        'CPU s': figures.cpuSeconds.toFixed(1),
        'goal s': goal,
        'peak RSS MB': figures.peakMegabytes.toFixed(),
        'goal MB': goalMegabytes,
        'context.parquet MB': ((await stat(join(folder, 'context.parquet'))).size / 1e6).toFixed(),
      });
    }
    return {
      title: 'What is around nuclei, and the features of a slide',
      command: 'npm run bench features',
      rows,
      notes: [
        'Generated nuclei, not tissue: 5,000 per mm2 all over the slide, six classes in a wavy pattern. From the table on disk to context.parquet, tiles.parquet and all features with their intervals, in a process of its own.',
        `The machine had a load of ${load.toFixed(1)} on ${ownedCores()} cores before, from other work: where that is above 0, seconds are longer than on an idle one. CPU s, of all threads together, say more.`,
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Finds what is around the nuclei of a generated table, and its features, in a process of its own. */
export async function measureFeatures(path: string, folder: string): Promise<FeatureCosts> {
  const script = join(packageRoot, 'dist', 'bench', 'features-process.js');
  const { stdout } = await promisify(execFile)(process.execPath, [script, path, folder]);
  return JSON.parse(stdout) as FeatureCosts;
}
