import { spawn, type ChildProcess } from 'node:child_process';
import { copyFile, link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from 'd3-array';
import { overlayOf } from '../pipelines/overlay/overlay-of-slide.js';
import { ownedCores } from '../src/machine.js';
import type { OverlayDirectory } from '../src/overlay/layout.js';
import { packageRoot } from '../src/package-root.js';
import { SlideFolder } from '../src/table/slide-folder.js';
import type { CohortView, SlideView } from '../src/view/messages.js';
import { lastLevel, tileSize } from '../src/view/tiles.js';
import { putNuclei, runOnBits } from './generated-results.js';
import type { BenchSection } from './section.js';

const sample = join(packageRoot, 'samples', 'CMU-1-Small-Region.svs');
const size = { width: 2220, height: 2967 };
const slides = 10;
const nuclei = 10_000_000;
const listed = 10_000;
/** Tiles that are asked for at a time, as a page does. */
const atATime = 6;

/** Goals: megabytes, and milliseconds of 95 of 100 tiles. */
const goals = { memory: 350, cached: 40, cold: 200 };

/** Measures the server of the viewer: its memory, tiles, and a long list. */
export async function benchViewServer(): Promise<BenchSection> {
  const scratch = await mkdtemp(join(tmpdir(), 'hoverslide-view-'));
  const load = loadavg()[0]!;
  try {
    const out = await writeResults(scratch);
    const opened = await openAll(out);
    const list = await listMany(join(out, 'slide0'), join(scratch, 'many'));
    const row = (what: string, figure: string, goal = '') => ({ what, figure, goal });
    return {
      title: "The viewer's server",
      command: 'npm run bench view-server',
      rows: [
        row('memory at the start', `${opened.atStart} MB`),
        row(
          `memory, peak, ${slides} slides of ${nuclei.toExponential(0)} nuclei one after the other`,
          `${opened.peak} MB`,
          `${goals.memory} MB`,
        ),
        row('memory when they have been looked at', `${opened.atEnd} MB`),
        row('a slide of these, opened: median', `${opened.view} ms`),
        row('its directory of nuclei: median', `${opened.directory} ms`),
        row('tile of a slide, 95 of 100', `${opened.cold} ms`, `${goals.cold} ms`),
        row('tile that is kept, 95 of 100', `${opened.cached} ms`, `${goals.cached} ms`),
        row(`list of ${listed} slides, server started`, `${list.start} ms`),
        row('the list, asked for', `${list.list} ms`),
      ],
      notes: [
        `\`hoverslide view\` as a user starts it. Generated nuclei, not tissue; pictures of ${slides} copies of the sample slide of ${size.width} x ${size.height} px. Memory is what the process has resident. Tiles are asked for ${atATime} at a time, each at level 0 and the two next levels.`,
        `The machine had a load of ${load.toFixed(1)} on ${ownedCores()} cores before, from other work: where that is above 0, times are longer than on an idle one.`,
      ],
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Makes results of ten slides, each with the same large table in place of its own. */
async function writeResults(scratch: string): Promise<string> {
  const folder = join(scratch, 'slides');
  const out = join(scratch, 'results');
  await mkdir(folder);
  const ids = Array.from({ length: slides }, (_, k) => `slide${k}`);
  for (const id of ids) await copyFile(sample, join(folder, `${id}.svs`));
  await runOnBits(folder, out);
  let overlay: string | undefined;
  for (const id of ids) {
    const slide = new SlideFolder(join(out, id));
    await putNuclei(slide, nuclei);
    if (overlay === undefined) overlay = await overlayOf(slide);
    else await link(overlay, slide.overlay);
  }
  return out;
}

async function openAll(out: string) {
  const server = await Server.start(out);
  try {
    const atStart = await server.memory('VmRSS');
    const { slides } = JSON.parse((await server.get('/api/cohort')).text()) as CohortView;
    const [views, directories, cold, cached]: number[][] = [[], [], [], []];
    for (const { key } of slides) {
      const slide = `/api/slides/${key}`;
      const view = await server.get(slide);
      views!.push(view.ms);
      const { nuclei: table } = JSON.parse(view.text()) as SlideView;
      if ('missing' in table) throw new Error(table.missing);
      const nuclei = `${slide}/nuclei/${table.edition}`;
      const answer = await server.get(`${nuclei}/overlay`);
      directories!.push(answer.ms);
      const { densities, leaves } = JSON.parse(answer.text()) as OverlayDirectory;
      const blocks = [...densities.slice(-3).flatMap(({ block }) => block), ...leaves.block.slice(0, 20)];
      for (const block of blocks) await server.get(`${nuclei}/overlay/${block}`);
      const tiles = tilesOf(slide);
      for (const times of [cold!, cached!]) {
        for (let k = 0; k < tiles.length; k += atATime) {
          const some = await Promise.all(tiles.slice(k, k + atATime).map((tile) => server.get(tile)));
          times.push(...some.map(({ ms }) => ms));
        }
      }
    }
    return {
      atStart,
      peak: await server.memory('VmHWM'),
      atEnd: await server.memory('VmRSS'),
      view: quantile(views!, 0.5)!.toFixed(),
      directory: quantile(directories!, 0.5)!.toFixed(),
      cold: quantile(cold!, 0.95)!.toFixed(),
      cached: quantile(cached!, 0.95)!.toFixed(),
    };
  } finally {
    await server.stop();
  }
}

/** Addresses of all tiles of level 0 and the two next levels. */
function tilesOf(slide: string): string[] {
  return [0, 1, 2].flatMap((up) => {
    const count = (length: number) => Math.ceil(length / 2 ** up / tileSize);
    return Array.from({ length: count(size.width) * count(size.height) }, (_, k) => {
      const x = k % count(size.width);
      return `${slide}/pixels/${lastLevel(size) - up}/${x}_${(k - x) / count(size.width)}`;
    });
  });
}

/** Makes a folder of many slides with the states and summary of one, and asks for their list. */
async function listMany(one: string, out: string) {
  const states = await readFile(join(one, 'states', '0003.json'), 'utf8');
  for (let k = 0; k < listed; k++) {
    const id = `slide${k}`;
    const folder = new SlideFolder(join(out, id));
    await mkdir(folder.states, { recursive: true });
    await writeFile(join(folder.states, '0001.json'), states.replaceAll('"id": "slide0"', `"id": "${id}"`));
    await link(join(one, 'summary.json'), folder.summary);
  }
  const begun = performance.now();
  const server = await Server.start(out);
  try {
    const start = performance.now() - begun;
    await server.get('/api/cohort');
    return { start: start.toFixed(), list: (await server.get('/api/cohort')).ms.toFixed() };
  } finally {
    await server.stop();
  }
}

/** The command, as a user starts it. */
class Server {
  private constructor(
    private readonly child: ChildProcess,
    private readonly address: URL,
  ) {}

  static async start(out: string): Promise<Server> {
    const bin = join(packageRoot, 'bin', 'hoverslide.cjs');
    const child = spawn(process.execPath, [bin, 'view', out], { stdio: ['ignore', 'pipe', 'inherit'] });
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (data: Buffer) => resolve(data.toString().split('\n')[0]!));
      child.once('close', (code) => reject(new Error(`hoverslide view ended with ${code}`)));
    });
    return new Server(child, new URL(address));
  }

  async get(path: string): Promise<{ ms: number; text: () => string }> {
    const begun = performance.now();
    const response = await fetch(new URL(path + this.address.search, this.address));
    const body = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`${path}: ${response.status} ${body.toString()}`);
    return { ms: performance.now() - begun, text: () => body.toString() };
  }

  /** Megabytes of the process. */
  async memory(of: 'VmRSS' | 'VmHWM'): Promise<string> {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8');
    return (Number(new RegExp(`${of}:\\s+(\\d+) kB`).exec(status)![1]) / 1024).toFixed();
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}
