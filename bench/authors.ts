// The whole way beside the pipelines of HoVer-Net's, CellViT's and HoVer-UNet's authors: seconds, memory, seams.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
import { openSlide } from '../src/slide/slide.js';
import { SlideFolder } from '../src/table/slide-folder.js';
import { shared } from '../testkit/shared.js';
import { TiffWriter } from '../testkit/tiff.js';
import { runCommand } from './product.js';
import type { BenchSection } from './section.js';

/** Names the folder with the authors' code and a Python for it: see authors_pipelines.py. */
export const authorsVariable = 'HOVERSLIDE_AUTHORS';

interface Seconds {
  readonly wall: number;
  readonly cpu: number;
}

/** Output of authors_pipelines.py. */
interface AuthorsFigures {
  readonly all: Seconds;
  readonly net?: Seconds;
  readonly postprocess: Seconds;
  readonly peak: number;
  readonly patches: number;
  readonly nuclei: number;
  readonly contours: string;
}

/** Output of authors_seams.py. */
interface SeamCounts {
  readonly doubled: number;
  readonly cut: number;
}

type Row = Record<string, string | number>;

/** What is said of a run beside its core-seconds. */
interface Facts {
  readonly patches: number;
  readonly nuclei: number;
  readonly peak: number;
  readonly wall: number;
}

/** A net's way with its authors' tool, and with the product's model of the same patches. */
interface Way {
  readonly net: string;
  readonly tool: 'hover_net' | 'CellViT' | 'HoVer-UNet';
  /** Checkpoint of random weights for the tool. */
  readonly checkpoint: string;
  /** Model of authors_models.py: NAME.onnx, NAME-maps.onnx; undefined is hoverslide-b0 itself. */
  readonly model?: string;
}

const ways: readonly Way[] = [
  { net: 'MiT-B0', tool: 'HoVer-UNet', checkpoint: 'b0.pth' },
  { net: 'MiT-B2', tool: 'HoVer-UNet', checkpoint: 'b2.pth', model: 'b2' },
  { net: 'HoVer-Net (fast)', tool: 'hover_net', checkpoint: 'hover_net.tar', model: 'hover_net' },
  { net: 'CellViT-256', tool: 'CellViT', checkpoint: 'cellvit.pth', model: 'cellvit' },
];

/** Squares of tcga-v5-a7re.tif, all tissue. The small one is for the nets, the large one for seams. */
const small = { x: 8000, y: 2500, width: 640, height: 640 };
const large = { x: 7300, y: 2400, width: 2560, height: 2560 };

/** Where the tools and the product divide the large region, in px. */
const lines = (first: number, period: number) =>
  Array.from({ length: Math.floor((large.width - first) / period) + 1 }, (_, k) => first + k * period);
const seams = {
  hover_net: [1792, 1920, 2048, 2176, 2304],
  CellViT: [...lines(928, 960), ...lines(992, 960)],
  'HoVer-UNet': lines(192, 192),
};
const strides = { hover_net: 164, CellViT: 960, 'HoVer-UNet': 192 };

const mpp = 0.25;

export async function benchAuthors(): Promise<BenchSection> {
  const authors = process.env[authorsVariable];
  if (!authors || !existsSync(join(authors, 'hover_net'))) {
    throw new Error(
      `needs ${authorsVariable}: a folder as bench/authors_pipelines.py describes it, found ${authors ?? 'none'}`,
    );
  }
  const slide = shared('slides/tcga-v5-a7re.tif');
  if (slide.missing) throw new Error(`needs ${slide.missing}`);
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-authors-'));
  try {
    const bench = new Bench(authors, folder);
    await bench.makeNets();
    const seams = await bench.seams(slide.path);
    const rows = [...(await bench.nets(slide.path)), ...seams];
    return {
      title: "The whole way beside the authors' pipelines",
      command: `${authorsVariable}=... npm run bench authors`,
      rows,
      notes,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class Bench {
  readonly #theirs: string;
  readonly #ours = join(packageRoot, '.venv', 'bin', 'python');

  constructor(
    readonly authors: string,
    readonly folder: string,
  ) {
    this.#theirs = join(authors, 'venv', 'bin', 'python');
  }

  /** Nets of random weights are kept beside the authors' code: to export CellViT takes as long as to run it. */
  async makeNets(): Promise<void> {
    const nets = join(this.authors, 'nets');
    if (!existsSync(nets)) await run(this.#theirs, 'authors_pipelines.py', ['nets', this.authors, nets]);
    await run(this.#ours, 'authors_models.py', [nets, embeddedModel, join(this.folder, 'models')]);
  }

  /** Measures a row, or takes it from a run that broke off: on a busy machine a net takes a quarter of an hour. */
  async #row(name: string, measure: () => Promise<Row>): Promise<Row> {
    const file = join(this.authors, 'rows', `${name}.json`);
    if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as Row;
    const row = await measure();
    await mkdir(join(this.authors, 'rows'), { recursive: true });
    await writeFile(file, JSON.stringify(row));
    return row;
  }

  /** Each net on the small region, by both. */
  async nets(slide: string): Promise<Row[]> {
    const region = await this.#region(slide, 'small', small);
    const postprocess = await kernelSeconds(join(this.folder, 'small-maps'));
    const rows = [];
    for (const way of ways) {
      rows.push(
        await this.#row(`${way.net}, authors`, async () => {
          const { all, net, postprocess, ...facts } = await this.#authors(region, way, true);
          const cpu = { net: net!.cpu, postprocess: postprocess.cpu, all: all.cpu };
          return row(way.net, way.tool, small, { ...facts, wall: all.wall }, cpu);
        }),
        await this.#row(`${way.net}, hoverslide`, async () => {
          const maps = await this.#product(region, way.model && `${way.model}-maps`);
          const timed = way.model ? await this.#product(region, way.model) : maps;
          const opening = timed.patches / (timed.patches + 1); // a model is opened with a patch that counts for no slide
          const net = opening * (way.model ? timed.netSeconds - maps.netSeconds : maps.netSeconds);
          const all = maps.cpuSeconds - maps.netSeconds + net;
          const facts = { ...timed, peak: timed.peakBytes, wall: timed.wallSeconds };
          return row(way.net, 'hoverslide', small, facts, { net, postprocess, all });
        }),
      );
    }
    return rows;
  }

  /** The maps of hoverslide-b0 alone on the large region, by each tool and by the product with the tool's patches. */
  async seams(slide: string): Promise<Row[]> {
    const region = await this.#region(slide, 'large', large);
    const postprocess = await kernelSeconds(join(this.folder, 'large-maps'));
    const rows = [];
    for (const way of ways.filter(({ net }) => net !== 'MiT-B2')) {
      const kept = strides[way.tool];
      rows.push(
        await this.#row(`seams, ${way.tool}`, async () => {
          const { all, postprocess, contours, ...facts } = await this.#authors(region, way, false);
          const cpu = { net: 0, postprocess: postprocess.cpu, all: all.cpu };
          return {
            ...row('maps alone', way.tool, large, { ...facts, wall: all.wall }, cpu),
            ...(await this.#errors('reference', contours, seams[way.tool])),
          };
        }),
        await this.#row(`seams, ${kept} px kept`, async () => {
          const maps = await this.#product(region, way.model && `${way.model}-maps`);
          const facts = { ...maps, peak: maps.peakBytes, wall: maps.wallSeconds };
          const cpu = { net: 0, postprocess, all: maps.cpuSeconds - maps.netSeconds };
          const nuclei = new SlideFolder(maps.folder).table('geojson');
          return {
            ...row('maps alone', `hoverslide, ${kept} px kept`, large, facts, cpu),
            ...(await this.#errors('seamless', nuclei, lines(kept, kept))),
          };
        }),
      );
    }
    return rows;
  }

  /** Writes a region as a slide that all tools read alike, and its maps and nuclei in one window. */
  async #region(slide: string, name: string, rect: typeof small): Promise<string> {
    const path = join(this.folder, `${name}.tif`);
    const source = await openSlide(slide);
    const writer = await TiffWriter.create(path);
    try {
      const { x, y, width, height } = rect;
      await writer.add({
        width,
        height,
        tile: 128,
        description: `Aperio Image Library v12\r\n${width}x${height} |AppMag = 40|MPP = ${mpp}`,
        pixels: (left, top) => source.readLevel(0, { x: x + left, y: y + top, width: 128, height: 128 }),
      });
    } finally {
      await writer.close();
      await source.close();
    }
    await run(this.#ours, 'authors_seams.py', [
      'maps',
      path,
      embeddedModel,
      join(this.folder, `${name}-maps`),
    ]);
    return path;
  }

  async #authors(region: string, { tool, checkpoint }: Way, withNet: boolean): Promise<AuthorsFigures> {
    const work = await mkdtemp(join(this.folder, 'work-'));
    const net = withNet ? ['--net', join(this.authors, 'nets', checkpoint)] : [];
    const command = ['run', this.authors, tool, region, embeddedModel, join(work, tool), ...net];
    return JSON.parse(await run(this.#theirs, 'authors_pipelines.py', command)) as AuthorsFigures;
  }

  async #product(region: string, model: string | undefined) {
    const file = model ? join(this.folder, 'models', `${model}.onnx`) : embeddedModel;
    const out = await mkdtemp(join(this.folder, 'out-'));
    const settings = ['--provider', 'cpu', '--threads', '1', '--workers', '1', '--no-tissue-mask'];
    const figures = await runCommand(region, out, ['--model', file, '--format', 'geojson', ...settings]);
    console.error(`bench: ${model ?? 'hoverslide-b0'} ${JSON.stringify(figures)}`);
    return figures;
  }

  async #errors(kind: string, nuclei: string, at: readonly number[]): Promise<Row> {
    const maps = join(this.folder, 'large-maps');
    const command = ['count', maps, kind, nuclei, JSON.stringify(at)];
    const { doubled, cut } = JSON.parse(await run(this.#ours, 'authors_seams.py', command)) as SeamCounts;
    return { doubled, cut };
  }
}

function row(
  net: string,
  pipeline: string,
  { width }: typeof small,
  { patches, nuclei, peak, wall }: Facts,
  cpu: { net: number; postprocess: number; all: number },
): Row {
  const rounded = (value: number) => Number(value.toPrecision(3));
  return {
    net,
    pipeline,
    'region px': width,
    patches,
    'net core-s': cpu.net ? rounded(cpu.net) : '',
    'post-processing core-s': rounded(cpu.postprocess),
    'rest core-s': rounded(cpu.all - cpu.net - cpu.postprocess),
    'wall s': rounded(wall),
    'peak MB': Math.round(peak / 1e6),
    nuclei,
    doubled: '',
    cut: '',
  };
}

/** Core-seconds of the product's stitcher and post-processing on the maps of a folder, best of three rounds. */
async function kernelSeconds(folder: string): Promise<number> {
  const constants = seamlessOf(await openModel(embeddedModel));
  const maps = readMaps(folder);
  const packed = packMaps(maps);
  let best = Infinity;
  for (let round = 0; round < 3; ++round) {
    const start = process.cpuUsage();
    for await (const block of seamlessBlocks(packed, maps, constants)) void block;
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best;
}

async function run(python: string, script: string, command: string[]): Promise<string> {
  console.error(`bench: ${script} ${command.slice(0, 3).join(' ')}`);
  const options = { maxBuffer: 2 ** 26 };
  const { stdout } = await promisify(execFile)(
    python,
    [join(packageRoot, 'bench', script), ...command],
    options,
  );
  if (stdout) console.error(`bench: ${stdout.trim()}`);
  return stdout;
}

const notes = [
  "Two squares of tcga-v5-a7re.tif, written as slides that all tools read alike. The authors' own code: hover_net's run_infer.py wsi (commit 67e2ce5), " +
    "CellViT's cell_detection.py (05097e1) and HoVer-UNet's run_infer.py (03c6f31, for the MiT nets), with their defaults, on the CPU, as bench/authors_pipelines.py says. " +
    'All with one thread and no further processes where there is a choice; processor time of all processes.',
  'Nets have random weights, the same in both pipelines, so their maps would be noise. They run, and their time and memory count; nuclei, post-processing and seams are of ' +
    "hoverslide-b0's maps of the same patches, which stand in for theirs in both and do not count (in our wall time they do).",
  'Post-processing: theirs with merging of tiles; ours stitcher, shape, stain and outlines, on the maps of the region, best of three. Rest: start of the program, reading, ' +
    "writing. Theirs does not hold the start of Python and PyTorch, ours holds the whole command and its tables. Our net's time is that of its thread, without the one patch with which a model is checked when it is opened.",
  "Patches differ: hover_net's way over slides leaves out the region's last 46 px and what fills no patch, so that its patches and nuclei are fewer; the product's go to the edge. " +
    'Compare core-seconds by patch.',
  'Seams, on the large square, 64 px inside its border, against the same maps post-processed in one window (theirs by the reference recipe, ours by seamless). Doubled: pairs of nuclei ' +
    "that share a tenth of the smaller. Cut: nuclei that end along the tool's line behind which the nucleus goes on. The large square has one line of hover_net's tiles each " +
    "way (with those of its repairs), two of CellViT's, and twelve of HoVer-UNet's, which lays patches over one another. Our nuclei are without those that the card sets aside.",
];
