// The cost rows of HoVer-UNet's paper, measured anew: teacher and students in PyTorch, and the whole way over the test
// fields.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { seamlessBlocks } from '../pipelines/field/postprocess.js';
import { seamlessOf } from '../src/model/card.js';
import { embeddedModel } from '../src/model/embedded.js';
import { openModel } from '../src/model/model.js';
import { readMaps } from '../src/nuclei/map-folder.js';
import { packMaps } from '../src/nuclei/maps.js';
import { packageRoot } from '../src/package-root.js';
import { shared } from '../testkit/shared.js';
import type { BenchSection } from './section.js';

/** Output of costs.py; times in core-seconds. */
interface CostFigures {
  readonly threads: number;
  readonly nets: Record<string, { gmac: number; parameters: number; float32: number; bfloat16: number }>;
  readonly ways: Record<string, { net: number; patches: number }>;
  readonly postprocess: number;
  readonly measures: number;
  readonly nuclei: number;
}

/** Figures of cost from the paper, in published.json. */
interface Published {
  readonly cost: { readonly rows: { readonly GMac: number; readonly seconds_per_batch_of_16: number }[] };
  readonly consep_external: { readonly rows: { readonly seconds: number }[] };
}

const teacher = 'HoVer-Net (fast)';

export async function benchCosts(): Promise<BenchSection> {
  const [fields, published] = [shared('data/consep/test'), shared('published.json')];
  for (const { missing } of [fields, published]) if (missing) throw new Error(`needs ${missing}`);
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-costs-'));
  try {
    const figures = await pythonFigures(fields.path, folder);
    const kernel = await kernelSeconds(folder);
    const { nets, ways, postprocess, measures } = figures;
    const first = nets[teacher]!;
    const rows = Object.entries(nets).map(([name, net]) => {
      const way = ways[name];
      return {
        net: name,
        GMac: rounded(net.gmac),
        'parameters M': rounded(net.parameters),
        'core-s per batch of 16, float32': rounded(net.float32),
        bfloat16: rounded(net.bfloat16),
        'times the teacher': rounded(first.float32 / net.float32),
        patches: way?.patches ?? '',
        'net core-s': way ? rounded(way.net) : '',
        'post-processing core-s': way ? rounded(postprocess) : '',
        'by hoverslide core-s': way ? rounded(kernel) : '',
        'measures core-s': way ? rounded(measures) : '',
        'all core-s': way ? rounded(way.net + postprocess + measures) : '',
        'all with hoverslide core-s': way ? rounded(way.net + kernel + measures) : '',
      };
    });
    return {
      title: 'Cost of teacher and students',
      command: 'npm run bench costs',
      rows,
      notes: notes(figures, JSON.parse(await readFile(published.path, 'utf8')) as Published),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const rounded = (value: number) => Number(value.toPrecision(3));

function notes(
  { threads, nets, ways, nuclei, postprocess, measures }: CostFigures,
  { cost, consep_external }: Published,
): string[] {
  const [paperTeacher, paperStudent] = cost.rows as [
    Published['cost']['rows'][0],
    Published['cost']['rows'][0],
  ];
  const [slow, fast] = consep_external.rows.map((row) => row.seconds) as [number, number];
  const [ours, largest, first] = [nets[teacher]!, nets['student B3']!, ways[teacher]!];
  const all = (name: string) => ways[name]!.net + postprocess + measures;
  return [
    `All nets in PyTorch, eager, channels last, ${threads} threads, in evaluation mode, with the weights they are born with; processor time of all threads together, best of 3 ` +
      'batches (HoVer-Net in float32: one). GMac: products for one patch of 256 x 256, those within attention included.',
    `The paper (hardware and fields not stated, so that ratios compare and seconds do not): ${paperTeacher.GMac} GMac against ` +
      `${paperStudent.GMac} of its largest student, ${(paperTeacher.GMac / paperStudent.GMac).toFixed(1)} times, here ` +
      `${(ours.gmac / largest.gmac).toFixed(1)}; ${paperTeacher.seconds_per_batch_of_16} s per batch against ${paperStudent.seconds_per_batch_of_16}, ` +
      `${(paperTeacher.seconds_per_batch_of_16 / paperStudent.seconds_per_batch_of_16).toFixed(1)} times, here ` +
      `${(ours.float32 / largest.float32).toFixed(1)} in float32 and ${(ours.bfloat16 / largest.bfloat16).toFixed(1)} in bfloat16; the whole way ` +
      `${slow} s against ${fast}, ${(slow / fast).toFixed(1)} times, here ${(all(teacher) / all('student B2')).toFixed(1)} against B2.`,
    `The whole way, once over the 14 test fields, nets with bfloat16: HoVer-Net in ${first.patches} windows that each keep 164 px, the students in ` +
      'patches that keep 192. Nothing is chosen by these fields here: only time is taken.',
    `Post-processing and measures (dice, PQ, F_d) are the same work in each row: they were run once, on the maps of the model that comes with ` +
      `hoverslide (${nuclei} nuclei), for no other net has learned anything. Post-processing: the recipe in Python, one field after the other. By ` +
      'hoverslide: `seamless` on the same maps, stitcher, shape, stain and outlines included, threads together.',
  ];
}

/** Measures the core-seconds over all fields, best of three rounds. */
async function kernelSeconds(folder: string): Promise<number> {
  const seamless = seamlessOf(await openModel(embeddedModel));
  const names = (await readdir(folder)).sort();
  const maps = names.map((name) => readMaps(join(folder, name)));
  let best = Infinity;
  for (let round = 0; round < 3; ++round) {
    const start = process.cpuUsage();
    for (const map of maps) {
      for await (const block of seamlessBlocks(packMaps(map), map, seamless)) void block;
    }
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best;
}

async function pythonFigures(fields: string, maps: string): Promise<CostFigures> {
  const python = join(packageRoot, '.venv', 'bin', 'python');
  const script = join(packageRoot, 'bench', 'costs.py');
  const { stdout } = await promisify(execFile)(python, [script, fields, embeddedModel, maps]);
  return JSON.parse(stdout) as CostFigures;
}
