import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { makeFolder } from '../../src/files.js';
import { Overlay } from '../../src/overlay/read.js';
import { writeOverlay } from '../../src/overlay/write.js';
import { footerHash } from '../../src/table/footer-hash.js';
import { readRunRecord } from '../../src/table/run-record.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';

export interface OverlaySettings {
  /** Folder for overlays of slides whose own folder may not be written, or belongs to someone else; none by default. */
  readonly cache?: string | undefined;
  /** Told in one line why an overlay that was there is made anew. */
  readonly notice?: (text: string) => void;
  /** Whether to check every block of an overlay that is there, and not its directory alone: takes as long as reading it. */
  readonly thorough?: boolean;
}

/**
 * Finds the overlay of a finished slide, or makes it where there is no good one: beside the table, else in the cache.
 * @returns path of a good overlay
 * @throws HoverslideError `missing` or `input` if the table cannot be read, `output` if the overlay can be written nowhere
 */
export async function overlayOf(folder: SlideFolder, settings: OverlaySettings = {}): Promise<string> {
  const { cache } = settings;
  const found = await goodOverlay(folder, settings);
  if (found !== undefined) return found;
  const table = folder.table('parquet');
  const unit = await unitOf(folder);
  if (cache === undefined) {
    await writeOverlay(table, unit, folder.overlay);
    return folder.overlay;
  }
  if (await isOwn(folder.path)) {
    try {
      await writeOverlay(table, unit, folder.overlay);
      return folder.overlay;
    } catch (error) {
      if (!(error instanceof HoverslideError && error.kind === 'output')) throw error;
    }
  }
  await makeFolder(cache);
  const cached = cachedOverlay(cache, await footerHash(table));
  await writeOverlay(table, unit, cached);
  return cached;
}

/**
 * Finds an overlay of a finished slide that is whole and made from the table that is there.
 * @returns its path; undefined if there is none
 * @throws HoverslideError `missing` if the table cannot be read
 */
export async function goodOverlay(
  folder: SlideFolder,
  { cache, notice, thorough = false }: OverlaySettings,
): Promise<string | undefined> {
  const hash = await footerHash(folder.table('parquet'));
  for (const path of [folder.overlay, ...(cache === undefined ? [] : [cachedOverlay(cache, hash)])]) {
    const fault = await faultOf(path, hash, thorough);
    if (fault === undefined) return path;
    if (fault !== 'missing') notice?.(`${fault}: it is made anew`);
  }
  return undefined;
}

function cachedOverlay(cache: string, table: string): string {
  return join(cache, `${table}.overlay`);
}

/** Says what is wrong with an overlay, in one line; undefined if it is good. */
async function faultOf(path: string, table: string, thorough: boolean): Promise<string | undefined> {
  try {
    const overlay = await Overlay.open(path);
    try {
      if (overlay.directory.table !== table) return `${path} is out of date: it was made from another table`;
      if (thorough) await overlay.check();
      return undefined;
    } finally {
      await overlay.close();
    }
  } catch (error) {
    return error instanceof HoverslideError && error.kind === 'missing' ? 'missing' : errorLine(error);
  }
}

/** Returns level-0 px per model px. Where the record does not say, outlines are stored in more bytes, and as exactly. */
async function unitOf(folder: SlideFolder): Promise<number> {
  return readRunRecord(folder.record).then(
    (record) => record.level0_px_per_model_px,
    () => 1,
  );
}

async function isOwn(path: string): Promise<boolean> {
  return (await stat(path)).uid === process.getuid?.();
}
