import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HoverslideError } from '../src/errors.js';
import { naming } from '../src/files.js';
import { Journal } from '../src/nuclei/journal.js';
import { slideHash } from '../src/slide/hash.js';
import { modelSpace } from '../src/slide/model-space.js';
import { checkPixelSize } from '../src/slide/pixel-size.js';
import { openSlide, type Slide } from '../src/slide/slide.js';
import type { TableFormat } from '../src/table/open.js';
import type { Summary } from '../src/table/summary.js';
import { findTissue } from '../src/tissue/find.js';
import { Lattice, patchesToRun } from '../src/tissue/lattice.js';
import { everything, type TissueMask } from '../src/tissue/mask.js';
import { readMask } from '../src/tissue/mask-file.js';
import { maskWithin, patchesFor, readRoi } from '../src/tissue/roi.js';
import { onnxruntimeVersion, packageVersion } from '../src/version.js';
import type { Engine } from './engine.js';
import { nucleiOf, type NucleiSource, type StageSeconds } from './nuclei.js';
import { publish } from './publish.js';

export interface SlideOptions {
  /** Name of the slide's folder, in place of its file's. */
  readonly id?: string | undefined;
  /** Micrometres per level-0 pixel, in place of what the file says. */
  readonly mpp?: number | undefined;
  /** GeoJSON or PNG that says where the tissue is. */
  readonly mask?: string | undefined;
  /** Look for tissue; otherwise all of the slide runs. */
  readonly tissueMask: boolean;
  /** Keep only nuclei whose centroid lies here: x,y,w,h in level-0 px, or a GeoJSON file. */
  readonly roi?: string | undefined;
  readonly formats: readonly TableFormat[];
}

export interface SlideProgress {
  /** Patches that are done, and all that will be. */
  readonly done: number;
  readonly total: number;
  readonly nuclei: number;
}

/** Where in its run a slide is. */
export type SlideStage = 'open' | 'tissue' | 'segment' | 'publish';

export interface SlideObserver {
  stage?(stage: SlideStage): void;
  /** Something the user should know about this slide. */
  notice?(message: string): void;
  progress?(progress: SlideProgress): void;
}

export interface SlideResult {
  readonly id: string;
  readonly folder: string;
  /** SHA-256 that names the slide's content. */
  readonly hash: string;
  readonly summary: Summary;
}

/** A slide with all that is decided before the first patch is read. */
export interface PreparedSlide extends NucleiSource {
  readonly id: string;
  /** SHA-256 that names the slide's content. */
  readonly hash: string;
  /** Tissue that counts: of the region of interest, if there is one. */
  readonly mask: TissueMask;
  readonly notices: readonly string[];
}

/**
 * Segments one slide and writes its table and companions under `out`/<id>/. A run that was stopped or killed goes on
 * where its journal says, and ends in the same bytes.
 * @param signal stops the run; what is done stays in the journal
 * @throws HoverslideError of any stage; `stopped` if the signal came
 */
export async function runSlide(
  path: string,
  out: string,
  engine: Engine,
  options: SlideOptions,
  observer: SlideObserver = {},
  signal?: AbortSignal,
): Promise<SlideResult> {
  const start = performance.now();
  observer.stage?.('open');
  const slide = await openSlide(path, { mpp: options.mpp });
  try {
    observer.stage?.('tissue');
    const prepared = await prepare(slide, engine, options);
    prepared.notices.forEach((message) => observer.notice?.(`${path}: ${message}`));
    const folder = join(out, prepared.id);
    await naming(folder, () => mkdir(folder, { recursive: true }));
    const journal = await Journal.open(join(folder, 'journal'), fingerprint(prepared, engine));
    try {
      const seconds = { read: 0, net: 0, stitch: 0, segment: 0, journal: 0 };
      observer.stage?.('segment');
      await collect(prepared, engine, journal, seconds, observer, signal);
      observer.stage?.('publish');
      const summary = await publish(folder, prepared, engine, journal, options, { start, seconds }, signal);
      await journal.remove();
      return { id: prepared.id, folder, hash: prepared.hash, summary };
    } finally {
      await journal.close();
    }
  } finally {
    await slide.close();
  }
}

async function prepare(slide: Slide, engine: Engine, options: SlideOptions): Promise<PreparedSlide> {
  const { card } = engine.model;
  const notices = [...slide.notices, ...checkPixelSize(slide, card)];
  const mask = await tissueMask(slide, options);
  const lattice = new Lattice(modelSpace(slide, card.mpp), card);
  const run = patchesToRun(lattice, mask);
  const roi = options.roi === undefined ? undefined : await readRoi(options.roi, slide);
  return {
    id: options.id ?? slide.id,
    slide,
    hash: await slideHash(slide),
    mask: roi ? maskWithin(roi, mask) : mask,
    roi,
    lattice,
    run: roi ? patchesFor(roi, run, lattice) : run,
    // They go into the summary too, which must not depend on where the slide lies.
    notices: notices.map(({ message }) => message.replace(`${slide.path}: `, '')),
  };
}

function tissueMask(slide: Slide, { mask, tissueMask }: SlideOptions): Promise<TissueMask> | TissueMask {
  if (mask !== undefined) return readMask(mask, slide);
  return tissueMask ? findTissue(slide) : everything(slide);
}

/** Streams the slide's nuclei into the journal. */
async function collect(
  prepared: PreparedSlide,
  engine: Engine,
  journal: Journal,
  seconds: StageSeconds & { journal: number },
  observer: SlideObserver,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { slide, run } = prepared;
  const total = run.length / 2;
  const { notice, checkpoint } = journal;
  if (notice) observer.notice?.(`${slide.path}: ${notice}`);
  if (checkpoint) observer.notice?.(`${slide.path}: going on at patch ${checkpoint.position} of ${total}`);
  for await (const cell of nucleiOf(prepared, engine, seconds, checkpoint)) {
    const before = performance.now();
    await journal.append(cell.block, cell);
    seconds.journal += (performance.now() - before) / 1000;
    observer.progress?.({ done: cell.position, total, nuclei: cell.nuclei });
    if (signal?.aborted) {
      throw new HoverslideError('stopped', `${slide.path}: stopped at patch ${cell.position} of ${total}`);
    }
  }
}

/** One hash over everything that a slide's rows depend on; cells, workers and threads are not among it. */
function fingerprint(
  { hash: slide, lattice, run, roi }: PreparedSlide,
  { model, inference, options }: Engine,
): string {
  const facts = {
    hoverslide: packageVersion,
    onnxruntime: onnxruntimeVersion,
    processor: process.arch,
    provider: inference.provider,
    batch: options.batch,
    model: model.hash,
    slide,
    scale: lattice.space.scale,
    roi,
  };
  return createHash('sha256').update(JSON.stringify(facts)).update(run).digest('hex');
}
