import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HoverslideError } from './errors.js';

const reasons: Record<string, string> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'the folder or file may not be written',
  EPERM: 'the folder or file may not be written',
  EROFS: 'the file system is read-only',
  ENOENT: 'the folder does not exist',
  ENOTDIR: 'its folder is a file',
  EEXIST: 'there is a file of that name',
  EISDIR: 'it is a folder',
  EFBIG: 'the file system does not take files of this size',
  EIO: 'the device reports an input/output error',
};

/**
 * A file that appears under its name only when it is complete. It is written beside its place under a temporary name,
 * then renamed. The temporary name is always the same, so the next run overwrites what a killed run left behind. Every
 * failure is a HoverslideError `output` that names the file.
 */
export class AtomicFile {
  private constructor(
    readonly path: string,
    private readonly temporary: string,
    private readonly handle: FileHandle,
  ) {}

  static async open(path: string): Promise<AtomicFile> {
    const temporary = join(dirname(path), `.${basename(path)}.partial`);
    const handle = await naming(path, () =>
      open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o666),
    );
    return new AtomicFile(path, temporary, handle);
  }

  /** Appends all of `data`. */
  async write(data: Uint8Array): Promise<void> {
    await naming(this.path, () => this.handle.writeFile(data));
  }

  /** Makes the file durable and renames it to its final name. */
  async commit(): Promise<void> {
    await naming(this.path, async () => {
      await this.handle.sync();
      await this.handle.close();
      await rename(this.temporary, this.path);
      await syncFolder(dirname(this.path));
    });
  }

  /** Removes the temporary file. A file that already has the final name stays as it is. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => {});
    await rm(this.temporary, { force: true });
  }
}

/** Writes a whole file. At any time `path` holds either the old contents or all of `data`. */
export async function writeAtomically(path: string, data: Uint8Array | string): Promise<void> {
  const file = await AtomicFile.open(path);
  try {
    await file.write(typeof data === 'string' ? Buffer.from(data) : data);
    await file.commit();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/**
 * Makes a folder and the folders above it. Node's own recursive mkdir never returns if a file system refuses a folder
 * with the error for a missing parent folder (/proc does).
 * @throws HoverslideError `output`
 */
export async function makeFolder(path: string): Promise<void> {
  const make = async (folder: string): Promise<void> => {
    try {
      await mkdir(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
      const above = dirname(folder);
      if (code !== 'ENOENT' || above === folder || (await isThere(above))) throw error;
      await make(above);
      await mkdir(folder);
    }
  };
  await naming(path, () => make(path));
}

/** Removes a folder and its contents, if it exists. @throws HoverslideError `output` */
export async function removeFolder(path: string): Promise<void> {
  await naming(path, () => rm(path, { recursive: true, force: true }));
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Whether all of some files or folders exist. */
export async function areThere(paths: readonly string[]): Promise<boolean> {
  return (await Promise.all(paths.map(isThere))).every(Boolean);
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Runs `work` on a file. A failure becomes a HoverslideError `output` that names the file. */
export async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new HoverslideError('output', `cannot write ${path}: ${(code && reasons[code]) ?? message}`, {
      cause: error,
    });
  }
}
