import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorLine } from '../../src/errors.js';
import { slideFiles } from '../../src/slide/files/slide-files.js';

/** A slide at the place from which it is read. */
export interface LocalCopy {
  readonly path: string;
  /** Reason why the slide could not be copied. It is then read from its original place. */
  readonly notice?: string;
  remove(): Promise<void>;
}

/** Copies all files of a slide to a fast disk of this machine. */
export async function copyToLocalDisk(path: string, disk: string): Promise<LocalCopy> {
  let copy: string | undefined;
  const remove = async () => {
    if (copy !== undefined) await rm(copy, { recursive: true, force: true });
  };
  try {
    const { folder, names } = await slideFiles(path);
    copy = await mkdtemp(join(disk, 'hoverslide-'));
    for (const name of names) {
      await mkdir(dirname(join(copy, name)), { recursive: true });
      await cp(join(folder, name), join(copy, name), { dereference: true });
    }
    return { path: join(copy, names[0]), remove };
  } catch (error) {
    await remove();
    return { path, notice: `not copied to ${disk}: ${errorLine(error)}`, remove: async () => {} };
  }
}
