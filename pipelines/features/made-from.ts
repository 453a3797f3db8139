import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { definitionsHash } from '../../src/features/dictionary.js';
import type { MadeFrom } from '../../src/features/feature-file.js';
import { footerHash } from '../../src/table/footer-hash.js';
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

async function fileHash(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  } catch (cause) {
    throw new HoverslideError('missing', `${path}: cannot be read: ${errorLine(cause)}`, { cause });
  }
}
