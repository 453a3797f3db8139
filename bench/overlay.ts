import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ownedCores } from '../src/machine.js';
import { embeddedModel } from '../src/model/embedded.js';
import { Overlay } from '../src/overlay/read.js';
import { packageRoot } from '../src/package-root.js';
import { readRunRecord } from '../src/table/run-record.js';
import { SlideFolder } from '../src/table/slide-folder.js';
import { runProduct } from '../testkit/product.js';
import { placeGeneratedTable } from './generated-table.js';
import type { BenchSection } from './section.js';

const generated = [1_000_000, 10_000_000];

/** Goals: bytes per nucleus, share of a run's time, and milliseconds of a selection over a million nuclei. */
const goals = { bytes: 45, share: 0.02, milliseconds: 500 };

interface Took {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

interface Selected extends Took {
  readonly selected: number;
  readonly first: number;
  readonly median: number;
}

/** Measures the file that a viewer draws nuclei from: its size, what it takes to make it, and selections with it. */
export async function benchOverlay(): Promise<BenchSection> {
  const scratch = await mkdtemp(join(tmpdir(), 'hoverslide-overlay-'));
  const load = loadavg()[0]!;
  try {
    const { row, note } = await ofSample(join(scratch, 'sample'));
    const rows: Record<string, string>[] = [row];
    for (const nuclei of generated) {
      const folder = new SlideFolder(join(scratch, `${nuclei}`));
      await mkdir(folder.path);
      await placeGeneratedTable(folder.table('parquet'), nuclei);
      const took = (await measure('write', folder)) as Took;
      const selection = (await measure('select', folder)) as Selected;
      rows.push({
        ...(await sizes('generated', folder)),
        ...figures(took),
        'selected nuclei': String(selection.selected),
        'selection ms': selection.median.toFixed(),
        'the first ms': selection.first.toFixed(),
        'selecting peak MB': selection.peakMegabytes.toFixed(),
      });
      await rm(folder.path, { recursive: true });
    }
    return {
      title: 'The overlay for a viewer',
      command: 'npm run bench overlay',
      rows,
      notes: [
        `Goals: ${goals.bytes} bytes per nucleus; ${100 * goals.share} % of a run's time; ${goals.milliseconds} ms for a selection over 1,000,000 nuclei.`,
        note,
        'Generated nuclei, not tissue: 5,000 per mm2, with ragged ellipses of some 47 vertices as outlines, no two alike. From the table on disk to nuclei.overlay, in a process of its own.',
        'Selection: a polygon of 400 vertices over most of the slide, exact counts and four medians of each class, the median of 7 in a process that does nothing else; its memory is that of this process.',
        `The machine had a load of ${load.toFixed(1)} on ${ownedCores()} cores before, from other work: where that is above 0, seconds are longer than on an idle one. CPU s, of all threads together, say more.`,
      ],
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Runs the sample with the model that comes with hoverslide, and makes its overlay once more. */
async function ofSample(out: string) {
  const slide = join(packageRoot, 'samples', 'tcga-v5-a7re-region.tif');
  const { result } = await runProduct(slide, out, { model: embeddedModel });
  const folder = new SlideFolder(result.folder);
  const { seconds } = await readRunRecord(folder.record);
  const { birthtimeMs, mtimeMs } = await stat(folder.overlay);
  const own = (mtimeMs - birthtimeMs) / 1e3;
  const share = ((100 * own) / seconds.wall).toFixed(1);
  const took = (await measure('write', folder)) as Took;
  return {
    row: {
      ...(await sizes('sample', folder)),
      ...figures(took),
      'selected nuclei': '',
      'selection ms': '',
      'the first ms': '',
      'selecting peak MB': '',
    },
    note: `Sample: samples/tcga-v5-a7re-region.tif. Its run took ${seconds.wall.toFixed(1)} s until the table was done; its overlay came in ${own.toFixed(2)} s more, ${share} % of that. The row's own figures are those of a process that has just started.`,
  };
}

async function sizes(nuclei: string, folder: SlideFolder) {
  const overlay = await Overlay.open(folder.overlay);
  const { directory } = overlay;
  await overlay.close();
  const { leaves, densities, blocks } = directory;
  const each = (bytes: number) => (bytes / directory.nuclei).toFixed(1);
  const of = (list: readonly number[]) => each(list.reduce((sum, block) => sum + blocks.length[block]!, 0));
  return {
    nuclei: `${directory.nuclei} (${nuclei})`,
    'bytes per nucleus': each((await stat(folder.overlay)).size),
    points: of(leaves.block),
    outlines: of(leaves.block.map((block) => block + 1)),
    densities: of(densities.flatMap(({ block }) => block)),
  };
}

function figures({ seconds, cpuSeconds, peakMegabytes }: Took) {
  return { s: seconds.toFixed(1), 'CPU s': cpuSeconds.toFixed(1), 'peak RSS MB': peakMegabytes.toFixed() };
}

async function measure(work: 'write' | 'select', folder: SlideFolder): Promise<unknown> {
  const script = join(packageRoot, 'dist', 'bench', 'overlay-process.js');
  const { stdout } = await promisify(execFile)(process.execPath, [script, work, folder.path]);
  return JSON.parse(stdout);
}
