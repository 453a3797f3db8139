import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Makes a folder for a test file's output. It is removed when the file's tests are done. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hoverslide-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
