import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine, type Engine } from '../pipelines/engine/engine.js';
import { prepare } from '../pipelines/slide/prepare.js';
import { runSlide } from '../pipelines/slide/run-slide.js';
import { ownedCores } from '../src/machine.js';
import { openModel } from '../src/model/model.js';
import { packageRoot } from '../src/package-root.js';
import { openSlide } from '../src/slide/slide.js';
import { shared } from '../testkit/shared.js';
import { besideNet, readBatches, runNet, sumOf, timed } from './bare-net.js';
import type { BenchSection } from './section.js';

const options = {
  mpp: undefined,
  mask: undefined,
  roi: undefined,
  tissueMask: true,
  stain: 'fixed',
  formats: ['parquet'],
} as const;

/**
 * Measures what a whole run takes beside the net: its time divided by that of the net alone, on the same patches in the
 * same process.
 */
export async function benchOverhead(): Promise<BenchSection> {
  const section = shared('slides/tcga-v5-a7re.tif');
  const sample = join(packageRoot, 'samples', 'CMU-1-Small-Region.svs');
  const cores = ownedCores();
  const engine = await openEngine(await openModel(), {
    provider: 'cpu',
    threads: cores,
    workers: cores,
    readBlock: 4,
  });
  try {
    const rows = [];
    for (const path of section.missing ? [sample] : [sample, section.path])
      rows.push(await measure(path, engine));
    return {
      title: 'Pipeline beside the net alone',
      command: 'npm run bench overhead',
      rows,
      notes: [
        "Net: the slide's own batches, read before, in the sessions that the run has; half of them before and half after the run.",
        'Pipeline: from opening the slide to the last file written. CPU: seconds of all threads.',
      ],
    };
  } finally {
    await engine.close();
  }
}

async function measure(path: string, engine: Engine): Promise<Record<string, string | number>> {
  const slide = await openSlide(path);
  const out = await mkdtemp(join(tmpdir(), 'hoverslide-overhead-'));
  try {
    const prepared = await prepare(slide, engine, options);
    const batches = await readBatches(prepared, engine);
    const half = Math.floor(batches.length / 2);
    const first = await timed(() => runNet(batches.slice(0, half), engine));
    const whole = await timed(() => runSlide(path, out, engine, options));
    const second = await timed(() => runNet(batches.slice(half), engine));
    const alone = sumOf([first, second]);
    return {
      slide: prepared.id,
      patches: prepared.patchIndices.length / 2,
      ...besideNet('pipeline', alone, whole),
    };
  } finally {
    await rm(out, { recursive: true, force: true });
    await slide.close();
  }
}
