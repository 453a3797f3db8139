import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openEngine, type EngineOptions } from '../pipelines/engine/engine.js';
import type { SlideOptions } from '../pipelines/slide/prepare.js';
import { runSlide, type SlideResult } from '../pipelines/slide/run-slide.js';
import { HoverslideError } from '../src/errors.js';
import { openModel } from '../src/model/model.js';
import type { ColumnName } from '../src/table/columns.js';
import { NucleusTable } from '../src/table/read.js';
import type { Rows } from '../src/table/rows.js';
import { stubModel } from './stub.js';

export interface ProductOptions extends Partial<EngineOptions>, Partial<SlideOptions> {
  /** Path of the model; by default the stub. */
  readonly model?: string;
  /** Number of done patches at which the run is stopped, as a signal does it. */
  readonly stopAt?: number;
  /** Called when all is ready and the slide is begun. */
  readonly begun?: () => void;
}

export interface ProductRun {
  readonly result: SlideResult;
  readonly notices: readonly string[];
}

const defaults = {
  provider: 'cpu',
  threads: 2,
  workers: 2,
  batch: 16,
  readBlock: 4,
  tissueMask: false,
  formats: ['parquet'],
} as const;

/**
 * Runs the whole product on a slide, in this process.
 * @throws HoverslideError `stopped` at `stopAt`, and as runSlide does
 */
export async function runProduct(
  slide: string,
  out: string,
  { model = stubModel, stopAt = Infinity, begun, ...given }: ProductOptions = {},
): Promise<ProductRun> {
  const options = { ...defaults, ...given };
  const engine = await openEngine(await openModel(model), options);
  const stop = new AbortController();
  const notices: string[] = [];
  const observer = {
    notice: (message: string) => notices.push(message),
    progress: ({ done }: { done: number }) => {
      if (done >= stopAt) stop.abort();
    },
  };
  try {
    const { mpp, mask, roi, tissueMask, formats, stain } = {
      mpp: undefined,
      mask: undefined,
      roi: undefined,
      stain: undefined,
      ...options,
    };
    begun?.();
    const chosen = { mpp, mask, roi, tissueMask, formats, stain };
    return { result: await runSlide(slide, out, engine, chosen, observer, stop.signal), notices };
  } finally {
    await engine.close();
  }
}

/** Runs the product until `stopAt` patches are done and stops it there, so that a journal stays. */
export async function stopProduct(slide: string, out: string, options: ProductOptions): Promise<void> {
  await assert.rejects(
    runProduct(slide, out, options),
    (error) => error instanceof HoverslideError && error.kind === 'stopped',
  );
}

/** Files that must be the same, byte for byte, however a slide was run. Of all files only run.json may differ. */
export const fixedFiles = [
  'nuclei.parquet',
  'nuclei.overlay',
  'nuclei.jpg',
  'summary.json',
  'overview.png',
  'tissue.geojson',
] as const;

export async function fixedBytes(folder: string): Promise<Buffer[]> {
  return Promise.all(fixedFiles.map((name) => readFile(join(folder, name))));
}

/**
 * Checks that a slide's fixed files are the expected ones.
 * @throws AssertionError that names the first file that differs
 */
export async function assertSameBytes(
  folder: string,
  expected: readonly Buffer[],
  what: string,
): Promise<void> {
  const found = await fixedBytes(folder);
  for (const [index, name] of fixedFiles.entries()) {
    assert.ok(found[index]!.equals(expected[index]!), `${name} differs: ${what}`);
  }
}

/** Reads some columns of a whole table that is small enough to be held in memory. */
export async function readTable<Name extends ColumnName>(
  folder: string,
  names: readonly Name[],
): Promise<Rows<Name>[]> {
  const table = await NucleusTable.open(join(folder, 'nuclei.parquet'));
  const groups: Rows<Name>[] = [];
  for await (const rows of table.rowGroups(names)) groups.push(rows);
  return groups;
}
