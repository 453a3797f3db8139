import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Files below a folder, and what was left out. */
export interface Walk {
  /** Paths of the files. Dangling links are among them: each will fail with an error that there is no such file. */
  readonly files: string[];
  /** Folders with results of hoverslide, which are never input. */
  readonly resultFolders: string[];
  /**
   * Names that are not UTF-8, so that they cannot be said or written down; bytes beyond ASCII are shown as in a shell.
   */
  readonly badNames: string[];
}

/**
 * Lists all files at or below a folder except hidden ones. Links are followed. A folder that is met again is passed
 * over.
 */
export async function walk(folder: string): Promise<Walk> {
  const found: Walk = { files: [], resultFolders: [], badNames: [] };
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    const real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    if (await holdsResults(path)) {
      found.resultFolders.push(path);
      return;
    }
    for (const bytes of await readdir(path, { encoding: 'buffer' })) {
      const name = bytes.toString();
      if (name.startsWith('.')) continue;
      if (!Buffer.from(name).equals(bytes)) {
        found.badNames.push(join(path, shown(bytes)));
        continue;
      }
      const child = join(path, name);
      const kind = await stat(child).catch(() => undefined);
      if (kind?.isDirectory()) await visit(child);
      else if (!kind || kind.isFile()) found.files.push(child);
    }
  };
  await visit(folder);
  return found;
}

/** Returns whether a folder holds a slide's results: then it has states (src/cohort/state-log.ts). */
async function holdsResults(folder: string): Promise<boolean> {
  const names = await readdir(join(folder, 'states')).catch(() => []);
  return names.some((name) => /^\d{4,}\.json$/.test(name));
}

function shown(name: Buffer): string {
  return Array.from(name, (byte) =>
    byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`,
  ).join('');
}
