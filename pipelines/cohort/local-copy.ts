import { cp, mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorLine } from '../../src/errors.js';
import { companionFolder } from '../../src/slide/slide-files.js';

/** A slide where it is to be read from. */
export interface LocalCopy {
  readonly path: string;
  /** Why it is read where it lies, if it could not be copied. */
  readonly notice?: string;
  remove(): Promise<void>;
}

/** Slides in several files whose names stand in the first: these are read where they lie. */
const scattered = /\.(vms|vmu|dcm)$/i;

/** Copies a slide, with its folder if it is a MIRAX slide, to a fast disk of this machine. */
export async function copyToLocalDisk(path: string, disk: string): Promise<LocalCopy> {
  const inPlace = (notice: string): LocalCopy => ({ path, notice, remove: async () => {} });
  if (scattered.test(path))
    return inPlace('not copied: slides of this format consist of files with fixed names');
  let folder: string | undefined;
  const remove = async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    folder = await mkdtemp(join(disk, 'hoverslide-'));
    const companion = companionFolder(path);
    for (const part of companion === undefined ? [path] : [path, companion]) {
      await cp(part, join(folder, basename(part)), { recursive: true });
    }
    return { path: join(folder, basename(path)), remove };
  } catch (error) {
    await remove();
    return inPlace(`not copied to ${disk}: ${errorLine(error)}`);
  }
}
