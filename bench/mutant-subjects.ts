import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { openCohort } from '../pipelines/cohort/open-cohort.js';
import type { CohortRequest } from '../pipelines/cohort/collect-slides.js';
import { runCohort } from '../pipelines/cohort/run-cohort.js';
import { reportCohort } from '../pipelines/report/report-cohort.js';
import { defaultPace } from '../src/cohort/claim.js';
import { readStatus } from '../src/cohort/status.js';
import { HoverslideError } from '../src/errors.js';
import { packageRoot } from '../src/package-root.js';
import { SlideFolder } from '../src/table/slide-folder.js';
import { NucleusTable } from '../src/table/read.js';
import { writeTinySlide } from '../testkit/cohort-slides.js';
import { dicomHeader } from '../testkit/dicom.js';
import { mutant } from '../testkit/mutate.js';
import { stopProduct } from '../testkit/product.js';
import { writeSlide, fromBuffer } from '../testkit/slides.js';
import { stubModel } from '../testkit/stub.js';

/** What came of one mutant: done, or refused with one line; or what is wrong with how it ended. */
export interface Outcome {
  readonly ended: 'done' | 'refused' | 'wrong';
  readonly line: string;
}

const engine = { provider: 'cpu', threads: 1, workers: 1, batch: 16, readBlock: 4 } as const;
/** A damaged state may leave an older one that says that this very process is at work. It is held for dead soon. */
const pace = { ...defaultPace, patience: 5000, look: 100 };
const side = 288;

/** Makes and runs mutants of one kind of file. Everything lies in a folder of its own. */
export class Subjects {
  private constructor(private readonly folder: string) {}

  /** Writes the sound files that mutants are made of, unless another process has. */
  static async open(folder: string): Promise<Subjects> {
    const subjects = new Subjects(folder);
    if ((await readdir(folder)).length === 0) await subjects.#write();
    return subjects;
  }

  /** Runs a mutant: its kind, and the number that decides on file, damage and place. */
  async run(kind: Kind, seed: number): Promise<Outcome> {
    const work = join(this.folder, `work-${process.pid}`);
    await rm(work, { recursive: true, force: true });
    await mkdir(work);
    try {
      return { ended: 'done', line: await this.#kinds[kind](seed, work) };
    } catch (error) {
      if (error instanceof Wrong) return { ended: 'wrong', line: error.message };
      if (!(error instanceof HoverslideError))
        return { ended: 'wrong', line: String((error as Error).stack) };
      const clear = error.kind !== 'internal' && !/\n\s+at |[^\n\P{Cc}]/u.test(error.message);
      return { ended: clear ? 'refused' : 'wrong', line: error.message };
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  readonly #kinds: Readonly<Record<Kind, (seed: number, work: string) => Promise<string>>> = {
    slide: async (seed, work) => {
      const name = slides[seed % slides.length]!;
      const { how } = await this.#mutate(name, join(work, name), seed);
      const path = join(work, name);
      await this.#cohort({ slides: [path], ...sampleRegion(path) }, join(work, 'out'));
      return how;
    },
    model: async (seed, work) => {
      const model = join(work, 'net.onnx');
      const { how } = await this.#mutate('net.onnx', model, seed);
      await this.#cohort({ slides: [join(this.folder, 'tiled.tif')], model }, join(work, 'out'));
      return how;
    },
    mask: async (seed, work) => {
      const name = masks[seed % masks.length]!;
      const path = join(work, name);
      let how = 'bomb';
      if (name.startsWith('bomb')) await writeFile(path, bomb(name, seed));
      else ({ how } = await this.#mutate(name, path, seed));
      const option = name.includes('geojson') && seed % 2 ? { roi: path } : { mask: path };
      await this.#cohort({ slides: [join(this.folder, 'tiled.tif')], ...option }, join(work, 'out'));
      return how;
    },
    manifest: async (seed, work) => {
      const name = seed % 3 ? 'cohort.csv' : 'cohort-utf16.csv';
      await cp(join(this.folder, 'tiled.tif'), join(work, 'a.tif'));
      await cp(join(this.folder, 'tiled.tif'), join(work, 'b.tif'));
      const manifest = join(work, 'cohort.csv');
      const { how } = await this.#mutate(name, manifest, seed);
      await this.#cohort({ slides: [], manifest }, join(work, 'out'));
      return how;
    },
    journal: async (seed, work) => {
      const out = join(work, 'out');
      await cp(join(this.folder, 'stopped'), out, { recursive: true });
      const file = join(out, 'large', 'journal', seed % 2 ? 'rows' : 'state');
      const { how } = await this.#mutate(file, file, seed);
      await this.#cohort({ slides: [join(this.folder, 'large.tif')] }, out);
      const [table, whole] = await Promise.all(
        [out, join(this.folder, 'whole')].map((each) => readFile(join(each, 'large', 'nuclei.parquet'))),
      );
      if (!table!.equals(whole!)) throw new Wrong('another table than that of a run in one go');
      return how;
    },
    state: async (seed, work) => {
      const out = join(work, 'out');
      await cp(join(this.folder, 'done'), out, { recursive: true });
      const files = ['states/0001.json', 'states/0002.json', 'states/0003.json', 'run.json', 'summary.json'];
      const file = join(out, 'tiled', files[seed % files.length]!);
      const { how } = await this.#mutate(file, file, seed);
      await readStatus(out);
      await reportCohort(out);
      await this.#cohort({ slides: [join(this.folder, 'tiled.tif')] }, out);
      return how;
    },
    table: async (seed, work) => {
      const path = join(work, 'nuclei.parquet');
      const { how } = await this.#mutate('done/tiled/nuclei.parquet', path, seed);
      const table = await NucleusTable.open(path);
      for await (const rows of table.rowGroups()) void rows;
      return how;
    },
  };

  async #mutate(base: string, path: string, seed: number): Promise<{ how: string }> {
    const source = base.startsWith('/') ? base : join(this.folder, base);
    const { bytes, how } = mutant(await readFile(source), seed);
    await writeFile(path, bytes);
    return { how: `${basename(base)}, ${how}` };
  }

  /** Runs slides as the command does, and checks that every slide has all of its results or none. */
  async #cohort(request: CohortRequest, out: string): Promise<void> {
    const errors: unknown[] = [];
    const cohort = await openCohort({ model: stubModel, ...request });
    const before = await resultsIn(out);
    const options = { engine, tissueMask: false, formats: ['parquet'] } as const;
    const observer = { failed: (_: unknown, error: unknown) => void errors.push(error) };
    await runCohort(cohort, out, options, observer, undefined, pace);
    const after = await resultsIn(out);
    for (const [id, names] of after) {
      const old = before.get(id);
      if (names.length > 0 && names.length !== resultNames && names.length !== old?.length) {
        throw new Wrong(`${id} has ${names.join(', ')} only`);
      }
      if (names.some((name) => name.endsWith('.partial'))) throw new Wrong(`${id} has ${names.join(', ')}`);
      if (names.length === resultNames) await readWhole(new SlideFolder(join(out, id)));
    }
    if (errors.length > 0) throw errors[0];
  }

  async #write(): Promise<void> {
    const at = (name: string) => join(this.folder, name);
    await writeTinySlide(at('tiled.tif'), 1);
    await writeTinySlide(at('large.tif'), 5, 1800);
    const { data } = await sharp(at('tiled.tif')).raw().toBuffer({ resolveWithObject: true });
    const image = sharp(data, { raw: { width: side, height: side, channels: 3 } });
    await writeSlide(at('jpeg.tif'), {
      width: side,
      height: side,
      mpp: 0.25,
      jpeg: 90,
      tile: 128,
      pixels: fromBuffer(data, side),
    });
    await image.clone().tiff({ compression: 'lzw', xres: 4000, yres: 4000 }).toFile(at('strips.tif'));
    await image.clone().withMetadata({ density: 101_600 }).png().toFile(at('plain.png'));
    await image.clone().withMetadata({ density: 50_800 }).jpeg().toFile(at('plain.jpg'));
    await cp(join(packageRoot, 'samples', 'CMU-1-Small-Region.svs'), at('aperio.svs'));
    await writeFile(at('series.dcm'), dicomHeader('1.2.3', 'ORIGINAL\\PRIMARY\\VOLUME\\NONE', 256, 256));
    await cp(stubModel, at('net.onnx'));
    const half = Uint8Array.from({ length: 36 * 36 }, (_, i) => (i % 36 < 18 ? 255 : 0));
    const mask = sharp(half, { raw: { width: 36, height: 36, channels: 1 } }).toColourspace('b-w');
    await mask.clone().png().toFile(at('mask.png'));
    await mask.clone().jpeg().toFile(at('mask.jpg'));
    await mask.clone().tiff({ compression: 'lzw' }).toFile(at('mask.tif'));
    const ring = (a: number, b: number) => [[a, a], [b, a], [b, b], [a, b], [a, a]]; // prettier-ignore
    const geometry = { type: 'Polygon', coordinates: [ring(10, 250), ring(100, 150)] };
    const features = [{ type: 'Feature', properties: { name: 'x' }, geometry }];
    const text = JSON.stringify({ type: 'FeatureCollection', features });
    await writeFile(at('mask.geojson'), text);
    await writeFile(at('mask.geojson.gz'), gzipSync(text));
    const csv = 'slide,id,mpp,roi,patient\na.tif,first,0.25,"0,0,200,200",P 1\nb.tif,,NA,,P 2\n';
    await writeFile(at('cohort.csv'), csv);
    await writeFile(at('cohort-utf16.csv'), Buffer.from(`\uFEFF${csv}`, 'utf16le'));
    const sound = [
      ...slides.filter((name) => name !== 'series.dcm').map((name) => ({ slides: [at(name)] })), // it has no pixels
      ...masks
        .filter((name) => !name.startsWith('bomb'))
        .map((name) => ({ slides: [at('tiled.tif')], mask: at(name) })),
    ];
    for (const request of sound)
      await this.#cohort({ ...request, ...sampleRegion(request.slides[0]!) }, at('sound'));
    await this.#cohort({ slides: [at('tiled.tif')] }, at('done'));
    await this.#cohort({ slides: [at('large.tif')] }, at('whole'));
    await stopProduct(at('large.tif'), at('stopped'), { stopAt: 48, threads: 1, workers: 1, readBlock: 1 });
  }
}

const slides = ['tiled.tif', 'jpeg.tif', 'strips.tif', 'plain.png', 'plain.jpg', 'aperio.svs', 'series.dcm'];
const masks = [
  'mask.geojson',
  'mask.geojson.gz',
  'mask.png',
  'mask.tif',
  'mask.jpg',
  'bomb.geojson',
  'bomb.png',
];

/** A part of the sample slide is enough. */
function sampleRegion(slide: string): { roi?: string } {
  return basename(slide) === 'aperio.svs' ? { roi: '900,900,100,100' } : {};
}

/** Kinds of mutants and how many of each make a thousand. */
export const kinds = {
  slide: 400,
  model: 100,
  mask: 150,
  manifest: 100,
  journal: 100,
  state: 100,
  table: 50,
} as const;
export type Kind = keyof typeof kinds;

/** Number of files of results: table, summary, overview, thumbnail, record. */
const resultNames = 5;

class Wrong extends Error {}

/** Lists the files of results of each slide, hidden ones among them. */
async function resultsIn(out: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const entry of await readdir(out, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isDirectory()) continue;
    const files = await readdir(join(out, entry.name), { withFileTypes: true });
    found.set(
      entry.name,
      files.filter((file) => file.isFile()).map(({ name }) => name),
    );
  }
  return found;
}

async function readWhole(folder: SlideFolder): Promise<void> {
  const table = await NucleusTable.open(folder.table('parquet'));
  for await (const rows of table.rowGroups(['id', 'class'])) void rows;
}

/** A file that is small and claims to be huge. */
function bomb(name: string, seed: number): Buffer {
  if (name === 'bomb.geojson') {
    const nested = '['.repeat(1e5 * (1 + (seed % 20)));
    return seed % 4 < 2
      ? gzipSync(Buffer.alloc(3e8, ' '))
      : Buffer.from(`{"type":"Polygon","coordinates":${nested}`);
  }
  const header = Buffer.alloc(25);
  header.writeUInt32BE(13, 0);
  header.write('IHDR', 4);
  header.writeUInt32BE(1 + ((seed * 7919) % 0x7ffffffe), 8);
  header.writeUInt32BE(1 + ((seed * 104_729) % 0x7ffffffe), 12);
  header[16] = 8;
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), header]);
}
