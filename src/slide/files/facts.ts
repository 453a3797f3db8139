import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { slideFiles, type SlideFiles } from './slide-files.js';

/** Size of a slide and when it was last changed, without opening it. */
export interface FileFacts {
  /** Bytes on disk, of all its files. */
  readonly bytes: number;
  /** When the last of them was changed, in milliseconds since 1970. */
  readonly modified: number;
}

/**
 * Reads the size and the time of change of a slide's files.
 * @throws the system's error for a file that cannot be read; HoverslideError as slideFiles
 */
export async function fileFacts(path: string, files?: SlideFiles): Promise<FileFacts> {
  const { folder, names } = files ?? (await slideFiles(path));
  const facts = await Promise.all(names.map((name) => stat(join(folder, name))));
  return {
    bytes: facts.reduce((sum, { size }) => sum + size, 0),
    modified: Math.floor(Math.max(...facts.map(({ mtimeMs }) => mtimeMs))),
  };
}
