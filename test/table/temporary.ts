import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder for one test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-table-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Lets the file that is written before `path` gets its name run out of space at the first byte. */
export async function fillDisk(path: string): Promise<void> {
  await symlink('/dev/full', join(dirname(path), `.${basename(path)}.partial`));
}
