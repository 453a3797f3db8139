import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { definitionsHash } from '../../src/features/dictionary.js';
import type { MadeFrom } from '../../src/features/feature-file.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';
import { packageVersion } from '../../src/version.js';

/**
 * Returns what a slide's features would be made from now.
 * @throws HoverslideError `missing` if its table or tissue cannot be read
 */
export async function madeFrom(
  folder: SlideFolder,
  interval: number,
  regions: string | undefined,
): Promise<MadeFrom> {
  return {
    hoverslide: packageVersion,
    definitions: definitionsHash(),
    table: await footerHash(folder.table('parquet')),
    tissue: await fileHash(folder.tissue),
    regions: regions === undefined ? null : await fileHash(regions),
    interval,
  };
}

/**
 * Returns the hash of a Parquet file's footer. It holds the places and sizes of all compressed columns, and bounds of their
 * values: a table with other nuclei has another one, and it is read in no time.
 */
async function footerHash(path: string): Promise<string> {
  return reading(path, async () => {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const end = Buffer.alloc(8);
      await file.read(end, 0, 8, Math.max(0, size - 8));
      const length = Math.min(size, end.readUInt32LE(0) + 8);
      const footer = Buffer.alloc(length);
      await file.read(footer, 0, length, size - length);
      return sha256(footer);
    } finally {
      await file.close();
    }
  });
}

async function fileHash(path: string): Promise<string> {
  return reading(path, async () => sha256(await readFile(path)));
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new HoverslideError('missing', `${path}: cannot be read: ${errorLine(cause)}`, { cause });
  }
}
