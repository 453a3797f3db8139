import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '../pipelines/engine/engine.js';
import { runSlide } from '../pipelines/slide/run-slide.js';
import { netSpeed } from '../pipelines/slide/speed.js';
import { openModel } from '../src/model/model.js';
import { readRunRecord } from '../src/table/run-record.js';
import { SlideFolder } from '../src/table/slide-folder.js';
import { readSummary } from '../src/table/summary.js';
import { shared } from '../testkit/shared.js';
import { stubModel } from '../testkit/stub.js';
import { timed } from './bare-net.js';
import { writeBigSlide } from './big-slide.js';
import type { BenchSection } from './section.js';

/** Parts of tissue per side of the slide. */
const side = 4;
const workers = [1, 2];

interface Measured {
  readonly workers: number;
  readonly patches: number;
  readonly nuclei: number;
  readonly patchesPerSecond: number;
  /** Milliseconds per patch of the threads that cannot be more than one, and of the workers together. */
  readonly main: number;
  readonly stitch: number;
  readonly work: number;
  readonly cpu: number;
}

/**
 * Measures where everything but the net saturates: a slide with as many nuclei as tissue has, with a net that costs
 * next to nothing.
 */
export async function benchSaturation(): Promise<BenchSection> {
  const section = shared('slides/tcga-v5-a7re.tif');
  if (section.missing) throw new Error(`needs ${section.missing}`);
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-saturation-'));
  try {
    const slide = join(folder, 'slide.tif');
    await writeBigSlide(section.path, slide, side, side);
    const measured: Measured[] = [];
    for (const count of workers) measured.push(await measure(slide, join(folder, String(count)), count));
    const oneCore = { provider: 'cpu', threads: 1 } as const;
    const { patchesPerSecond } = await netSpeed(await openModel(), oneCore, 10);
    const least = measured.at(-1)!;
    const serial = 1000 / Math.max(least.main, least.stitch);
    return {
      title: 'Where everything but the net saturates',
      command: 'npm run bench saturation',
      rows: measured.map((each) => ({
        workers: each.workers,
        patches: each.patches,
        nuclei: each.nuclei,
        'patches/s': Number(each.patchesPerSecond.toFixed(0)),
        'main thread ms': Number(each.main.toFixed(3)),
        'stitcher ms': Number(each.stitch.toFixed(3)),
        'workers ms': Number(each.work.toFixed(3)),
        'all CPU ms': Number(each.cpu.toFixed(3)),
      })),
      notes: [
        'Content: 2.1 mm2 of a real section, repeated 16 times; the stub net reads nuclei from the colours, about as many per patch as the real one finds. Milliseconds are per patch: CPU time of the main thread, of all threads, and busy time of the stitcher, of readers and post-processing.',
        `Model, not measured: with enough cores the main thread and the stitcher, of which there is one each, bear ${serial.toFixed(0)} patches/s. One core of the net gives ${patchesPerSecond.toFixed(1)} in this run, so that is enough for ${Math.floor(serial / patchesPerSecond)} cores of net; each core of net needs ${((patchesPerSecond * least.work) / 1000).toFixed(3)} cores of workers.`,
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(slide: string, out: string, count: number): Promise<Measured> {
  const engine = await openEngine(await openModel(stubModel), {
    provider: 'cpu',
    threads: 1,
    workers: count,
  });
  try {
    const before = mainThreadSeconds();
    let files!: SlideFolder;
    const { wall, cpu } = await timed(async () => {
      const { folder } = await runSlide(slide, out, engine);
      files = new SlideFolder(folder);
    });
    const main = mainThreadSeconds() - before;
    const { patches, seconds } = await readRunRecord(files.record);
    const { count: nuclei } = await readSummary(files.summary);
    const each = (total: number) => (1000 * total) / patches;
    const busy = (stage: string) => (seconds as Readonly<Record<string, number>>)[stage]!;
    return {
      workers: count,
      patches,
      nuclei,
      patchesPerSecond: patches / wall,
      main: each(main),
      stitch: each(busy('stitch')),
      work: each(busy('read') + busy('segment')),
      cpu: each(cpu),
    };
  } finally {
    await engine.close();
  }
}

/** Returns the CPU seconds of the main thread so far (proc(5)). */
function mainThreadSeconds(): number {
  const stat = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(stat[11]) + Number(stat[12])) / 100;
}
