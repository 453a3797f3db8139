// The whole way beside the pipelines of HoVer-Net's, CellViT's and HoVer-UNet's authors: seconds, memory, seams.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
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
const variable = 'HOVERSLIDE_AUTHORS';

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
  readonly nuclei: number;
  readonly doubled: number;
  readonly cut: number;
  readonly 'lost at lines': number;
  readonly 'lost elsewhere': number;
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
  { net: 'HoVer-Net (fast)', tool: 'hover_net', checkpoint: 'hover_net.tar', model: 'hover_net' },
  { net: 'CellViT-256', tool: 'CellViT', checkpoint: 'cellvit.pth', model: 'cellvit' },
  { net: 'MiT-B2', tool: 'HoVer-UNet', checkpoint: 'b2.pth', model: 'b2' },
  { net: 'MiT-B0', tool: 'HoVer-UNet', checkpoint: 'b0.pth' },
];

/** Squares of tcga-v5-a7re.tif, all tissue. The small one is for the nets, the large one for seams. */
const small = { x: 8000, y: 2500, width: 640, height: 640 };
const large = { x: 7300, y: 2400, width: 2560, height: 2560 };
/** Where the tools and the product divide a region of 3,840 px, in px: see the notes. */
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
  const authors = process.env[variable];
  if (!authors || !existsSync(join(authors, 'hover_net'))) {
    throw new Error(
      `needs ${variable}: a folder as bench/authors_pipelines.py describes it, found ${authors ?? 'none'}`,
    );
  }
  const slide = shared('slides/tcga-v5-a7re.tif');
  if (slide.missing) throw new Error(`needs ${slide.missing}`);
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-authors-'));
  try {
    const bench = new Bench(authors, folder);
    await bench.makeNets();
    const rows = [...(await bench.nets(slide.path)), ...(await bench.seams(slide.path))];
    return {
      title: "The whole way beside the authors' pipelines",
      command: `${variable}=... npm run bench authors`,
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

  /** Each net on the small region, by both. */
  async nets(slide: string): Promise<Record<string, string | number>[]> {
    const region = await this.#region(slide, 'small', small);
    const postprocess = await kernelSeconds(join(this.folder, 'small-maps'));
    const rows = [];
    for (const way of ways) {
      const theirs = await this.#authors(region, way, true);
      rows.push(
        row(way.net, way.tool, small, theirs.patches, theirs.nuclei, theirs.peak, theirs.all.wall, {
          net: theirs.net!.cpu,
          postprocess: theirs.postprocess.cpu,
          all: theirs.all.cpu,
        }),
      );
      const maps = await this.#product(region, way.model && `${way.model}-maps`);
      const timed = way.model ? await this.#product(region, way.model) : maps;
      const opening = timed.patches / (timed.patches + 1); // a model is opened with a patch that counts for no slide
      const net = opening * (way.model ? timed.netSeconds - maps.netSeconds : maps.netSeconds);
      rows.push(
        row(way.net, 'hoverslide', small, timed.patches, timed.nuclei, timed.peakBytes, timed.wallSeconds, {
          net,
          postprocess,
          all: maps.cpuSeconds - maps.netSeconds + net,
        }),
      );
    }
    return rows;
  }

  /** The maps of hoverslide-b0 alone on the large region, by each tool and by the product with the tool's patches. */
  async seams(slide: string): Promise<Record<string, string | number>[]> {
    const region = await this.#region(slide, 'large', large);
    const postprocess = await kernelSeconds(join(this.folder, 'large-maps'));
    const rows = [];
    for (const way of ways.filter(({ net }) => net !== 'MiT-B2')) {
      const theirs = await this.#authors(region, way, false);
      const counts = await this.#count('large', 'reference', theirs.contours, seams[way.tool]);
      rows.push({
        ...row('maps alone', way.tool, large, theirs.patches, theirs.nuclei, theirs.peak, theirs.all.wall, {
          net: 0,
          postprocess: theirs.postprocess.cpu,
          all: theirs.all.cpu,
        }),
        ...errors(counts),
      });
      const maps = await this.#product(region, way.model && `${way.model}-maps`);
      const stride = strides[way.tool];
      const nuclei = new SlideFolder(maps.folder).table('geojson');
      rows.push({
        ...row(
          'maps alone',
          `hoverslide, ${stride} px kept`,
          large,
          maps.patches,
          maps.nuclei,
          maps.peakBytes,
          maps.wallSeconds,
          {
            net: 0,
            postprocess,
            all: maps.cpuSeconds - maps.netSeconds,
          },
        ),
        ...errors(await this.#count('large', 'seamless', nuclei, lines(stride, stride))),
      });
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

  async #count(name: string, kind: string, nuclei: string, at: readonly number[]): Promise<SeamCounts> {
    const maps = join(this.folder, `${name}-maps`);
    return JSON.parse(
      await run(this.#ours, 'authors_seams.py', ['count', maps, kind, nuclei, JSON.stringify(at)]),
    ) as SeamCounts;
  }
}

function row(
  net: string,
  pipeline: string,
  { width }: typeof small,
  patches: number,
  nuclei: number,
  peak: number,
  wall: number,
  cpu: { net: number; postprocess: number; all: number },
): Record<string, string | number> {
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
    'lost at seams, of 1,000': '',
    elsewhere: '',
  };
}

const errors = ({ doubled, cut, ...lost }: SeamCounts) => ({
  doubled,
  cut,
  'lost at seams, of 1,000': Number(lost['lost at lines'].toFixed(1)),
  elsewhere: Number(lost['lost elsewhere'].toFixed(1)),
});

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

const notes = ['...'];
