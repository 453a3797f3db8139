import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isThere } from '../src/files.js';
import { packageRoot } from '../src/package-root.js';
import { columns } from '../src/table/columns.js';
import { writeGeneratedTable } from '../testkit/generated-nuclei.js';

/**
 * Puts a table of generated nuclei at a path. One of 10,000,000 takes ten minutes to make: it is kept for the next section, in .cache,
 * until what makes it changes.
 */
export async function placeGeneratedTable(path: string, count: number): Promise<void> {
  const source = await readFile(fileURLToPath(new URL('../testkit/generated-nuclei.js', import.meta.url)));
  const key = createHash('sha256').update(source).update(JSON.stringify(columns)).digest('hex').slice(0, 12);
  const folder = join(packageRoot, '.cache', 'generated');
  const kept = join(folder, `${count}-${key}.parquet`);
  if (!(await isThere(kept))) {
    await mkdir(folder, { recursive: true });
    await writeGeneratedTable(kept, count);
  }
  await rm(path, { force: true });
  await link(kept, path).catch(() => copyFile(kept, path)); // another file system
}
