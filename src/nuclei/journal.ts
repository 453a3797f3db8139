import { createHash } from 'node:crypto';
import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, inflateRaw } from 'node:zlib';
import { makeFolder, naming, writeAtomically } from '../files.js';
import type { NucleiBlock } from './block.js';
import { decodeBlock, encodeBlock } from './block-codec.js';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Bytes of a record's header: length and CRC-32 of the payload, uint32 each. */
const recordHeader = 8;

/** Time between checkpoints, in multiples of the time that the last one took. Checkpoints thus cost at most 2 %. */
const patience = 50;

/** How much of a slide is done. */
export interface Checkpoint {
  /** Number of patches that are done. */
  readonly position: number;
  /** Number of nuclei so far. */
  readonly nuclei: number;
  /** Number of blobs so far that were too large and were cut. */
  readonly cutBlobs: number;
  /** State of the stitcher from which to continue. */
  readonly stitcher: Uint8Array;
}

/** Contents of the file `state`. */
interface State extends Omit<Checkpoint, 'stitcher'> {
  readonly fingerprint: string;
  readonly rowBytes: number;
  /** Base64. */
  readonly stitcher: string;
}

/**
 * Progress of one slide on disk. `rows` holds the nuclei so far, record by record; it is only appended to. `state` says
 * how much of `rows` counts and where to continue; it is replaced as a whole. A run may be killed at any moment.
 * Records after the last state are dropped, and data that does not match its checksum is never used.
 */
export class Journal {
  #rowBytes: number;
  /** The last checkpoint, and the number of bytes of `rows` before it. */
  #last: { readonly checkpoint: Checkpoint; readonly rowBytes: number } | undefined;
  /** When the next checkpoint is due, on performance.now()'s clock. */
  #due = 0;

  private constructor(
    private readonly folder: string,
    private readonly fingerprint: string,
    private readonly rows: FileHandle,
    rowBytes: number,
    /** Checkpoint from which to continue, if an earlier run left one. */
    readonly checkpoint?: Checkpoint,
    /** Why the data of an earlier run is not used. */
    readonly notice?: string,
  ) {
    this.#rowBytes = rowBytes;
    if (checkpoint) this.#last = { checkpoint, rowBytes };
  }

  /**
   * Opens the journal in a folder.
   * @param fingerprint of everything that the rows depend on
   * @throws HoverslideError `output` if the folder cannot be written
   */
  static async open(folder: string, fingerprint: string): Promise<Journal> {
    await makeFolder(folder);
    const path = join(folder, 'rows');
    const earlier = await readUsableState(folder, fingerprint);
    if (typeof earlier === 'object') {
      const { rowBytes, ...checkpoint } = earlier;
      const rows = await naming(path, () => open(path, 'r+'));
      await naming(path, () => rows.truncate(rowBytes));
      const stitcher = Buffer.from(earlier.stitcher, 'base64');
      return new Journal(folder, fingerprint, rows, rowBytes, { ...checkpoint, stitcher });
    }
    await rm(join(folder, 'state'), { force: true });
    const rows = await naming(path, () => open(path, 'w+'));
    return new Journal(folder, fingerprint, rows, 0, undefined, earlier);
  }

  /** The last checkpoint, whether written or not; undefined before the first. */
  get last(): Checkpoint | undefined {
    return this.#last?.checkpoint;
  }

  /** Whether the next checkpoint is due. */
  get due(): boolean {
    return performance.now() >= this.#due;
  }

  /**
   * Appends nuclei. They survive a kill only after a later checkpoint has been written.
   * @param checkpoint after these nuclei; it is written if one is due
   */
  async append(block: NucleiBlock, checkpoint?: Checkpoint): Promise<void> {
    if (block.count > 0) {
      const payload = await deflate(encodeBlock(block), { level: constants.Z_BEST_SPEED });
      const record = Buffer.alloc(recordHeader + payload.length);
      record.writeUInt32LE(payload.length, 0);
      record.writeUInt32LE(crc32(payload), 4);
      payload.copy(record, recordHeader);
      await naming(this.folder, () => writeFully(this.rows, record, this.#rowBytes));
      this.#rowBytes += record.length;
    }
    if (!checkpoint) return;
    this.#last = { checkpoint, rowBytes: this.#rowBytes };
    if (this.due) await this.keep();
  }

  /** Writes the last checkpoint now. */
  async keep(): Promise<void> {
    if (!this.#last) return;
    const { rowBytes } = this.#last;
    const { position, nuclei, cutBlobs, stitcher } = this.#last.checkpoint;
    const start = performance.now();
    const state: State = {
      fingerprint: this.fingerprint,
      rowBytes,
      position,
      nuclei,
      cutBlobs,
      stitcher: Buffer.from(stitcher).toString('base64'),
    };
    await naming(this.folder, () => this.rows.datasync());
    const text = JSON.stringify(state);
    await writeAtomically(join(this.folder, 'state'), `${text}\n${sha256(text)}\n`);
    const end = performance.now();
    this.#due = end + patience * (end - start);
  }

  /** Reads all nuclei appended so far, in order. */
  async *blocks(): AsyncGenerator<NucleiBlock> {
    yield* readBlocks(this.rows, this.#rowBytes);
  }

  /** Drops everything, so that the slide starts again from the beginning. */
  async restart(): Promise<void> {
    await rm(join(this.folder, 'state'), { force: true });
    await naming(this.folder, () => this.rows.truncate(0));
    this.#rowBytes = 0;
    this.#last = undefined;
    this.#due = 0;
  }

  async close(): Promise<void> {
    await this.rows.close();
  }

  /** Closes and removes the journal, because the slide is done. */
  async remove(): Promise<void> {
    await this.close();
    await rm(join(this.folder, 'state'), { force: true }); // first, because rows without a state are not a journal
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Reads how many patches are done by the journal in a folder; 0 if none can be read. */
export async function journalPosition(folder: string): Promise<number> {
  const state = await readState(folder).catch(() => undefined);
  return typeof state === 'object' ? state.position : 0;
}

/** Reads the state file. Returns undefined if there is none, or a text that says how it is damaged. */
async function readState(folder: string): Promise<State | string | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, 'state'), 'utf8');
  } catch {
    return undefined;
  }
  const [json, checksum] = text.split('\n');
  if (json === undefined || checksum !== sha256(json))
    return 'starting anew, since the journal is damaged: its state fails the checksum';
  return JSON.parse(json) as State;
}

/** Reads the state of an earlier run if there is one, or why it is not used. */
async function readUsableState(folder: string, fingerprint: string): Promise<State | string | undefined> {
  const state = await readState(folder);
  if (typeof state !== 'object') return state;
  if (state.fingerprint !== fingerprint)
    return 'starting anew, since the slide, the model or the options are not those of the journal';
  try {
    const rows = await open(join(folder, 'rows'), 'r');
    try {
      for await (const block of readBlocks(rows, state.rowBytes)) void block;
    } finally {
      await rows.close();
    }
  } catch {
    return 'starting anew, since the journal is damaged: its rows fail the checksum';
  }
  return state;
}

async function* readBlocks(rows: FileHandle, end: number): AsyncGenerator<NucleiBlock> {
  const header = Buffer.alloc(recordHeader);
  for (let offset = 0; offset < end;) {
    await readFully(rows, header, offset);
    const payload = Buffer.alloc(Math.min(header.readUInt32LE(0), end));
    await readFully(rows, payload, offset + recordHeader);
    if (crc32(payload) !== header.readUInt32LE(4)) throw new Error('a record fails its checksum');
    yield decodeBlock(await inflate(payload));
    offset += recordHeader + payload.length;
  }
}

/** Writes all bytes: a full disk takes only some of them before it reports an error. */
async function writeFully(file: FileHandle, data: Buffer, position: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    done += (await file.write(data, done, data.length - done, position + done)).bytesWritten;
  }
}

async function readFully(file: FileHandle, into: Buffer, position: number): Promise<void> {
  const { bytesRead } = await file.read(into, 0, into.length, position);
  if (bytesRead !== into.length) throw new Error('the file ends early');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
