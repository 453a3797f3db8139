import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.js';

/** Returns a file of ../shared, the data that is not part of the repository. `missing` says so where it is absent. */
export function shared(path: string): { path: string; missing: string | false } {
  const full = join(packageRoot, '..', 'shared', path);
  return { path: full, missing: existsSync(full) ? false : `../shared/${path}` };
}
