import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ownedCores } from '../src/machine.js';
import { embeddedModel } from '../src/model/embedded.js';
import { packageRoot } from '../src/package-root.js';
import { openSlide } from '../src/slide/slide.js';
import { seamFigures } from '../testkit/seams.js';
import { shared } from '../testkit/shared.js';
import { runCommand } from './product.js';
import type { BenchSection } from './section.js';

/** Output of plain_pipeline.py. */
interface PlainFigures {
  readonly wall: number;
  readonly cpu: number;
  readonly peak_bytes: number;
  readonly patches: number;
  readonly nuclei: number;
  readonly read: number;
  readonly net: number;
  readonly postprocess: number;
  readonly doubled: number;
  readonly lost: number;
  readonly cut: number;
}

/** Runs a whole real slide through the straightforward Python pipeline and then through hoverslide. */
export async function benchPlain(): Promise<BenchSection> {
  const section = shared('slides/tcga-v5-a7re.tif');
  if (section.missing) throw new Error(`needs ${section.missing}`);
  const threads = String(ownedCores());
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-plain-'));
  try {
    const plain = await plainPipeline(section.path, threads);
    const ours = await runCommand(section.path, folder, [
      '--provider',
      'cpu',
      '--threads',
      threads,
      '--workers',
      threads,
    ]);
    const slide = await openSlide(section.path);
    const seams = await seamFigures(ours.folder, slide);
    await slide.close();
    const row = (
      pipeline: string,
      [wall, cpu, peak]: [wall: number, cpu: number, peak: number],
      counts: Record<string, number | string>,
    ) => ({
      pipeline,
      'wall s': Number(wall.toFixed(1)),
      'CPU s': Number(cpu.toFixed(1)),
      'peak RSS MB': Math.round(peak / 1e6),
      ...counts,
    });
    return {
      title: 'A whole slide beside the plain way',
      command: 'npm run bench plain',
      rows: [
        row('Python', [plain.wall, plain.cpu, plain.peak_bytes], {
          patches: plain.patches,
          nuclei: plain.nuclei,
          doubled: plain.doubled,
          lost: plain.lost,
          cut: plain.cut,
        }),
        row('hoverslide', [ours.wallSeconds, ours.cpuSeconds, ours.peakBytes], {
          patches: ours.patches,
          nuclei: ours.nuclei,
          doubled: seams.overlapping,
          lost: 'no tiles',
          cut: 'no tiles',
        }),
      ],
      notes: [
        `tcga-v5-a7re.tif, the model that comes with hoverslide, ${threads} threads each. Python: tiles of 2048 px with margins of ` +
          '64 px, the reference recipe, nuclei kept by centroid; no tables, measures or pictures are written.',
        'Doubled: pairs of nuclei of two tiles that share a tenth of the smaller one or more; of ours, any that share a pixel. ' +
          "Lost: nuclei of which each of two tiles leaves to the other. Cut: nuclei that end at a tile's border. Ours has " +
          'no tiles: test/pipeline/invariance.test.ts compares with the whole map.',
        `Of the Python wall: reading ${plain.read.toFixed(1)} s, net ${plain.net.toFixed(1)} s, post-processing ` +
          `${plain.postprocess.toFixed(1)} s. hoverslide's includes its start and all files.`,
        `Ours near patch lines (20 px): ${seams.densityRatio.toFixed(3)} times as many nuclei per area as elsewhere ` +
          `(${seams.deviations.toFixed(1)} standard deviations of a random count).`,
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function plainPipeline(slide: string, threads: string): Promise<PlainFigures> {
  const python = join(packageRoot, '.venv', 'bin', 'python');
  const script = join(packageRoot, 'bench', 'plain_pipeline.py');
  const { stdout } = await promisify(execFile)(python, [script, slide, embeddedModel, '--threads', threads]);
  return JSON.parse(stdout) as PlainFigures;
}
