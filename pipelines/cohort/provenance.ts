import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileFacts } from '../../src/slide/files/facts.js';
import type { CohortSlide } from './cohort-slide.js';
import type { StainChoice } from '../slide/prepare.js';
import type { Model } from '../../src/model/model.js';
import { openSlide } from '../../src/slide/slide.js';
import { slideHash } from '../../src/slide/hash.js';
import type { TableFormat } from '../../src/table/open.js';
import { readRunRecord } from '../../src/table/run-record.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';
import type { Provenance, WithResults } from '../../src/cohort/state.js';
import { isOlder } from '../../src/cohort/versions.js';
import { packageVersion } from '../../src/version.js';

/** Options that all slides of a run have in common. */
export interface CommonOptions {
  readonly tissueMask: boolean;
  /** Whether to run slides although something speaks against their pixel size. */
  readonly forceMpp?: boolean | undefined;
  /** By which vectors stain is measured; the fixed ones by default. */
  readonly stain?: StainChoice | undefined;
  readonly formats: readonly TableFormat[];
  /** Whether to compute features of each slide too. They are no reason to do a slide again: `hoverslide features` adds them. */
  readonly features?: boolean | undefined;
  /** Whether to do slides again whose tables are of another version of hoverslide that may make other ones. */
  readonly redoOlder?: boolean | undefined;
}

/**
 * Returns what a slide's result would be made from now. The hash of its content is left out, since it is not known
 * before the slide is opened.
 */
export async function currentProvenance(
  slide: CohortSlide,
  { card, hash }: Model,
  { tissueMask, stain = 'fixed', formats }: CommonOptions,
): Promise<Omit<Provenance, 'file'>> {
  return {
    hoverslide: packageVersion,
    model: { name: `${card.name} ${card.version}`, sha256: hash },
    options: {
      mpp: slide.mpp ?? null,
      mask: slide.mask === undefined ? null : await version(slide.mask),
      roi: slide.roi === undefined ? null : await version(slide.roi),
      tissue_mask: tissueMask,
      stain,
      formats: [...formats].sort(),
    },
  };
}

/** Describes a file by name, size and time of change. Returns a text that names no file as it is. */
async function version(path: string): Promise<string> {
  try {
    const { bytes, modified } = await fileFacts(path);
    return `${path} (${bytes} bytes, ${new Date(modified).toISOString()})`;
  } catch {
    return path;
  }
}

/**
 * Returns whether the results in a slide's folder are those of an earlier state, and not those of a run that was killed
 * since.
 */
export async function areResultsOf({ begun, finished }: WithResults, folder: SlideFolder): Promise<boolean> {
  const record = await readRunRecord(folder.record).catch(() => undefined);
  return record !== undefined && begun <= record.finished && record.finished <= finished;
}

/** Returns the formats that are asked for, and that a result does not have. */
export function missingFormats(old: Provenance, { formats }: CommonOptions): TableFormat[] {
  return formats.filter((format) => !old.options.formats.includes(format));
}

/**
 * Returns why an existing result has to be made anew; undefined if it need not be. Formats that it lacks are no reason
 * if they can be made from its table in Parquet.
 * @param folder the slide's folder
 * @param redoOlder whether another version of hoverslide is a reason
 */
export async function reasonToRedo(
  old: Provenance,
  now: Omit<Provenance, 'file'>,
  slide: CohortSlide,
  folder: SlideFolder,
  redoOlder = false,
): Promise<string | undefined> {
  if (redoOlder && isOlder(old.hoverslide))
    return `it was made by hoverslide ${old.hoverslide}, now ${now.hoverslide}`;
  if (old.model.sha256 !== now.model.sha256) {
    const describe = ({ name, sha256 }: Provenance['model']) => `${name} (${sha256.slice(0, 8)})`;
    return `the model changed: it was ${describe(old.model)}, now ${describe(now.model)}`;
  }
  for (const name of Object.keys(old.options) as (keyof Provenance['options'])[]) {
    if (name === 'formats' && old.options.formats.includes('parquet')) continue;
    const before = old.options[name];
    const after = now.options[name];
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      return `option ${name} changed: it was ${describe(before)}, now ${describe(after)}`;
    }
  }
  const tables = old.options.formats.map((format) => folder.table(format as TableFormat));
  for (const file of [folder.record, folder.summary, ...tables]) {
    if (!(await stat(file).catch(() => undefined))) return `${basename(file)} is gone`;
  }
  const { bytes, modified } = slide.file;
  const untouched = bytes === old.file.bytes && modified === old.file.modified;
  if (untouched || (await hashOf(slide)) === old.file.hash) return undefined;
  return `the slide's file changed: it had ${old.file.bytes} bytes, now ${bytes}`;
}

function describe(value: Provenance['options'][keyof Provenance['options']]): string {
  if (value === null) return 'not given';
  return Array.isArray(value) ? value.join(',') : String(value);
}

/**
 * Returns the hash of the slide's content; undefined where the slide cannot be opened. Such a slide is run, and fails
 * with its reason.
 */
async function hashOf({ path, mpp }: CohortSlide): Promise<string | undefined> {
  const slide = await openSlide(path, { mpp }).catch(() => undefined);
  if (!slide) return undefined;
  try {
    return await slideHash(slide);
  } finally {
    await slide.close();
  }
}
