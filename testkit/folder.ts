import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A folder for a test file's output, removed when its tests are done. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hoverslide-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
