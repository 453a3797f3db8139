import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine, type Engine } from '../pipelines/engine/engine.js';
import { prepare } from '../pipelines/slide/prepare.js';
import { runSlide } from '../pipelines/slide/run-slide.js';
import { ownedCores } from '../src/machine.js';
import { openModel } from '../src/model/model.js';
import { packageRoot } from '../src/package-root.js';
import { readPatches } from '../src/slide/patches.js';
import { openSlide } from '../src/slide/slide.js';
import { shared } from '../testkit/shared.js';
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
        "Net: `session.run` on the slide's own batches, read before, one after the other; half of them before and half after the run.",
        'Pipeline: from opening the slide to the last file written. CPU: seconds of all threads.',
      ],
    };
  } finally {
    await engine.close();
  }
}

async function measure(path: string, engine: Engine): Promise<Record<string, string | number>> {
  const slide = await openSlide(path);
  const { lattice, patchIndices, id } = await prepare(slide, engine, options);
  const { batch } = engine.settings;
  const { patch, stride, space } = lattice;
  const batches = Math.ceil(patchIndices.length / 2 / batch);

  /** Measures wall and CPU seconds of the net on batches from .. to - 1. */
  const net = async (from: number, to: number) => {
    const sum = { wall: 0, cpu: 0 };
    for (let n = from; n < to; n++) {
      const origins = Int32Array.from(
        patchIndices.subarray(2 * n * batch, 2 * (n + 1) * batch),
        (index) => index * stride - (patch - stride) / 2,
      );
      const full = new Uint8Array(batch * patch * patch * 3);
      full.set((await readPatches(slide, space.scale, patch, origins))[0]!);
      const before = process.cpuUsage();
      sum.wall += (await engine.inference.run(full)).seconds;
      sum.cpu += cpuSince(before);
    }
    return sum;
  };

  const out = await mkdtemp(join(tmpdir(), 'hoverslide-overhead-'));
  try {
    const half = Math.floor(batches / 2);
    const first = await net(0, half);
    const before = process.cpuUsage();
    const start = performance.now();
    await runSlide(path, out, engine, options);
    const wall = (performance.now() - start) / 1000;
    const cpu = cpuSince(before);
    const second = await net(half, batches);
    const alone = { wall: first.wall + second.wall, cpu: first.cpu + second.cpu };
    return {
      slide: id,
      patches: patchIndices.length / 2,
      'net alone s': Number(alone.wall.toFixed(1)),
      'pipeline s': Number(wall.toFixed(1)),
      ratio: Number((wall / alone.wall).toFixed(3)),
      'net alone CPU s': Number(alone.cpu.toFixed(1)),
      'pipeline CPU s': Number(cpu.toFixed(1)),
      'ratio of CPU': Number((cpu / alone.cpu).toFixed(3)),
    };
  } finally {
    await rm(out, { recursive: true, force: true });
    await slide.close();
  }
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
