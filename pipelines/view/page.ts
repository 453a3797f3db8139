import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoverslideError } from '../../src/errors.js';
import { packageRoot } from '../../src/package-root.js';
import type { Reply } from './reply.js';

const types = {
  'index.html': 'text/html',
  'app.js': 'text/javascript',
  'worker.js': 'text/javascript',
  'app.css': 'text/css',
} as const;

/** The files of the page, by name. */
export type Page = ReadonlyMap<string, Reply>;

/** Where the build leaves them. */
export const pageFolder = join(packageRoot, 'dist', 'viewer');

/** Reads the files of the page. @throws HoverslideError `unavailable` if one is not there */
export async function readPage(folder = pageFolder): Promise<Page> {
  const files = Object.entries(types).map(async ([name, type]) => {
    const path = join(folder, name);
    const body = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new HoverslideError(
        'unavailable',
        `${path}: the viewer's page is not there: the package is incomplete, install it again (in a checkout: npm run build)`,
        { cause },
      );
    });
    return [name, { type, body }] as const;
  });
  return new Map(await Promise.all(files));
}
