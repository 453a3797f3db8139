import { cpus } from 'node:os';
import { join } from 'node:path';
import { HoverslideError } from '../src/errors.js';
import { writeAtomically } from '../src/files.js';
import { ownedCores, ownedMemory } from '../src/machine.js';
import type { Journal } from '../src/nuclei/journal.js';
import { Overview } from '../src/report/overview.js';
import { describeOpenSlide } from '../src/slide/library.js';
import { readThumbnail } from '../src/slide/region.js';
import type { TableContext, TableWriter } from '../src/table/context.js';
import { openTable, tableFiles } from '../src/table/open.js';
import { SummaryBuilder, writeSummary, type Summary } from '../src/table/summary.js';
import { tissueArea } from '../src/tissue/mask.js';
import { onnxruntimeVersion, packageVersion } from '../src/version.js';
import type { Engine } from './engine.js';
import type { PreparedSlide, SlideOptions } from './prepare.js';

/** Longest side of the overview in px. */
const overviewSide = 2048;

export interface Timing {
  /** When the slide was begun, on performance.now()'s clock. */
  readonly start: number;
  /** Busy seconds per stage. */
  readonly seconds: Readonly<Record<string, number>>;
}

/**
 * Writes everything a slide ends in out of its journal: tables, summary.json, overview.png and, last, run.json, the only
 * file whose bytes change from run to run.
 * @throws HoverslideError `output`; `stopped` if the signal came before the tables were whole
 */
export async function publish(
  folder: string,
  prepared: PreparedSlide,
  engine: Engine,
  journal: Journal,
  options: SlideOptions,
  timing: Timing,
  signal?: AbortSignal,
): Promise<Summary> {
  const begun = performance.now();
  const { slide, mask, notices } = prepared;
  const context = tableContext(prepared, engine);
  const scale = Math.max(1, Math.max(slide.width, slide.height) / overviewSide);
  const overview = new Overview({ ...(await readThumbnail(slide, scale)), x: 0, y: 0, scale }, context);
  const builder = new SummaryBuilder(context);
  const tables: TableWriter[] = [];
  try {
    for (const format of options.formats) {
      tables.push(await openTable(format, join(folder, tableFiles[format]), context));
    }
    for await (const block of journal.blocks()) {
      for (const table of tables) await table.write(block);
      builder.add(block);
      overview.add(block);
      if (signal?.aborted)
        throw new HoverslideError('stopped', `${slide.path}: stopped while writing tables`);
    }
    for (const table of tables) await table.close();
  } catch (error) {
    await Promise.all(tables.map((table) => table.abort()));
    throw error;
  }
  const summary = builder.build({
    slide: prepared.id,
    tissueUm2: tissueArea(slide, mask) * 1e6,
    cutBlobs: journal.last?.cutBlobs ?? 0,
    notices,
  });
  await overview.write(join(folder, 'overview.png'), builder.counts);
  await overview.writeThumbnail(join(folder, 'thumbnail.jpg'));
  await writeSummary(join(folder, 'summary.json'), summary);
  const seconds = { ...timing.seconds, publish: (performance.now() - begun) / 1000 };
  await writeRunRecord(folder, prepared, engine, options, { ...timing, seconds });
  return summary;
}

function tableContext({ slide, hash, lattice }: PreparedSlide, { model }: Engine): TableContext {
  return {
    slideHash: hash,
    space: lattice.space,
    origin: slide.bounds,
    classes: model.card.classes,
    metadata: {
      hoverslide: packageVersion,
      model: `${model.card.name} ${model.card.version}`,
      model_sha256: model.hash,
      model_licence: model.card.licence,
    },
  };
}

/** Share of the time since `start` that the net's devices were at work, given their seconds in ONNX Runtime. */
export function busyShare(net: number, { inference }: Engine, start: number): number {
  return net / inference.width / ((performance.now() - start) / 1000);
}

/** run.json: how the other files were made. */
async function writeRunRecord(
  folder: string,
  { slide, hash, run, lattice }: PreparedSlide,
  engine: Engine,
  options: SlideOptions,
  { start, seconds }: Timing,
): Promise<void> {
  const openSlide = describeOpenSlide();
  const record = {
    slide: { path: slide.path, hash, width: slide.width, height: slide.height, pixel_size: slide.pixelSize },
    model: { path: engine.model.path, sha256: engine.model.hash, card: engine.model.card },
    options: { ...options, ...engine.options, provider: engine.inference.provider },
    device: engine.inference.device,
    providers_passed_over: engine.inference.passedOver,
    patches: run.length / 2,
    level0_px_per_model_px: lattice.space.scale,
    versions: {
      hoverslide: packageVersion,
      node: process.versions.node,
      onnxruntime: onnxruntimeVersion,
      openslide: 'found' in openSlide ? openSlide.found.version : null,
    },
    machine: {
      processor: cpus()[0]?.model ?? process.arch,
      cores: ownedCores(),
      memory_bytes: ownedMemory(),
    },
    device_busy: busyShare(seconds['net']!, engine, start),
    finished: new Date().toISOString(),
    seconds: { ...seconds, wall: (performance.now() - start) / 1000 },
    peak_memory_bytes: process.resourceUsage().maxRSS * 1024,
  };
  await writeAtomically(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
}
