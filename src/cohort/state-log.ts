import { link, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { naming } from '../files.js';
import type { SlideFolder } from '../table/slide-folder.js';
import { thisProcess } from './owner.js';
import { stateSchema, type SlideState } from './state.js';

/** A state and its number in the log, counted from 1. */
export interface Logged {
  readonly number: number;
  readonly state: SlideState;
}

/** Error codes of link(2) on file systems without hard links: exFAT, many SMB and FUSE mounts. */
const withoutLinks = new Set<string | undefined>(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Milliseconds within which a file that has its name also has its contents, unless its writer has died; and the age from
 * which there is no need to wait that long, even if the clock that dates it is wrong.
 */
const writingTime = 2000;
const oldAge = 3_600_000;

let temporaries = 0;

/**
 * The states of one slide, one file each: OUT/<id>/states/0001.json, 0002.json, ... The last one counts.
 * A state's file is made with link(2), which fails if the name exists, also on network file systems. Without hard links
 * it is made by exclusive creation. If several processes want to change a state, only one succeeds, and that one has
 * seen the state before.
 * No state file is ever removed, so no process can mistake an old number for a new one.
 */
export class StateLog {
  readonly #folder: string;

  constructor(folder: SlideFolder) {
    this.#folder = folder.states;
  }

  /** Reads the last state; undefined if there is none. In place of an unreadable file the one before it counts. */
  async last(): Promise<Logged | undefined> {
    const numbers = (await namesIn(this.#folder))
      .filter((name) => /^\d+\.json$/.test(name))
      .map((name) => Number.parseInt(name, 10))
      .sort((a, b) => b - a);
    for (const number of numbers) {
      const state = await this.#read(number);
      if (state) return { number: numbers[0]!, state };
    }
    return undefined;
  }

  /**
   * Appends a state after number `after`. Returns false if another process has done so before.
   * @throws HoverslideError `output`
   */
  async append(after: number, state: SlideState): Promise<boolean> {
    if (after === 0) await this.#makeFolder();
    const path = this.#path(after + 1);
    const temporary = await this.#write(state);
    try {
      await link(temporary, path);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return (await stat(temporary)).nlink === 2; // NFS may lose the answer to a link that was made
      if (withoutLinks.has(code)) return await createExclusively(path, state);
      return await naming(path, () => Promise.reject(error as Error));
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Replaces the state that this process itself has appended. */
  async renew(number: number, state: SlideState): Promise<void> {
    const temporary = await this.#write(state);
    await naming(this.#path(number), () => rename(temporary, this.#path(number)));
  }

  /** Returns when a state was written or renewed, in milliseconds since 1970 by the clock of its file system. */
  async writtenAt(number: number): Promise<number> {
    return (await stat(this.#path(number))).mtimeMs;
  }

  /** Returns whether there is a state after number `number`. */
  async isBehind(number: number): Promise<boolean> {
    return (await stat(this.#path(number + 1)).catch(() => undefined)) !== undefined;
  }

  /**
   * Makes the two innermost folders only. If the folder of results itself is gone, nothing may be written in its place.
   */
  async #makeFolder(): Promise<void> {
    for (const folder of [dirname(this.#folder), this.#folder]) {
      await naming(folder, () => mkdir(folder)).catch((error: Error) => {
        if ((error.cause as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      });
    }
  }

  #path(number: number): string {
    return join(this.#folder, `${String(number).padStart(4, '0')}.json`);
  }

  async #write(state: SlideState): Promise<string> {
    const { host, pid } = thisProcess;
    const temporary = join(this.#folder, `.${host}-${pid}-${temporaries++}`);
    await writeDurably(temporary, state, 'w');
    return temporary;
  }

  async #read(number: number, attempts = 3, since = performance.now()): Promise<SlideState | undefined> {
    const path = this.#path(number);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (attempts === 0) throw error;
      return this.#read(number, attempts - 1, since); // NFS: the file was renewed between look-up and reading
    }
    try {
      return stateSchema.parse(JSON.parse(text));
    } catch {
      // Without hard links, a file has its name before it has its contents.
      const age = Date.now() - (await stat(path)).mtimeMs;
      if (Math.abs(age) > oldAge || performance.now() - since > writingTime) return undefined;
      await delay(writingTime / 20);
      return this.#read(number, attempts, since);
    }
  }
}

/**
 * Creates a state's file on a file system without hard links. Of several processes one succeeds, but the file has its
 * name a moment before its contents. Returns false if another process was first.
 */
async function createExclusively(path: string, state: SlideState): Promise<boolean> {
  try {
    await writeDurably(path, state, 'wx');
    return true;
  } catch (error) {
    if (((error as Error).cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Writes a state to a file and syncs it to disk. @throws HoverslideError `output` */
async function writeDurably(path: string, state: SlideState, flags: 'w' | 'wx'): Promise<void> {
  await naming(path, async () => {
    const file = await open(path, flags);
    try {
      await file.writeFile(`${JSON.stringify(state, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
