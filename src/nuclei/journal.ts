import { createHash } from 'node:crypto';
import { open, mkdir, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, inflateRaw } from 'node:zlib';
import { naming, writeAtomically } from '../files.js';
import type { NucleiBlock } from './block.js';
import { decodeBlock, encodeBlock } from './block-codec.js';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Length and CRC-32 of a record's payload, uint32 each. */
const recordHeader = 8;

/** A checkpoint: so far the slide is done, and this is where to go on. */
export interface Checkpoint {
  /** Patches that are done. */
  readonly position: number;
  /** State of the stitcher behind them. */
  readonly stitcher: Uint8Array;
}

interface State {
  readonly fingerprint: string;
  readonly rowBytes: number;
  readonly position: number;
  readonly stitcher: string;
}

/**
 * Progress of one slide on disk. `rows` holds the nuclei so far, record by record, only ever appended to; `state`,
 * replaced as a whole, says how much of it counts and where to go on. A run may be killed at any moment: what `rows`
 * holds beyond the last state is dropped, and anything that does not match its checksum is never used.
 */
export class Journal {
  #rowBytes: number;
  /** A checkpoint is due when the time since the last is this many times what that one took: 2 % of the time at most. */
  static readonly #patience = 50;
  #due = 0;

  private constructor(
    private readonly folder: string,
    private readonly fingerprint: string,
    private readonly rows: FileHandle,
    rowBytes: number,
  ) {
    this.#rowBytes = rowBytes;
  }

  /**
   * @param fingerprint of everything that the rows depend on
   * @returns the journal, and where to go on if there is something to go on from; `notice` says why an earlier
   *     journal was dropped
   * @throws HoverslideError `output` if the folder cannot be written
   */
  static async open(
    folder: string,
    fingerprint: string,
  ): Promise<{ journal: Journal; checkpoint?: Checkpoint; notice?: string }> {
    await naming(folder, () => mkdir(folder, { recursive: true }));
    const path = join(folder, 'rows');
    const earlier = await readState(folder, fingerprint);
    const rows = await naming(path, () => open(path, typeof earlier === 'object' ? 'r+' : 'w+'));
    if (typeof earlier !== 'object') {
      await rm(join(folder, 'state'), { force: true });
      const journal = new Journal(folder, fingerprint, rows, 0);
      return earlier === 'none' ? { journal } : { journal, notice: `starting anew: ${earlier}` };
    }
    const journal = new Journal(folder, fingerprint, rows, earlier.rowBytes);
    await naming(path, () => rows.truncate(earlier.rowBytes));
    const { position } = earlier;
    return { journal, checkpoint: { position, stitcher: Buffer.from(earlier.stitcher, 'base64') } };
  }

  /** Bytes of nuclei that are kept. */
  get size(): number {
    return this.#rowBytes;
  }

  /** Appends nuclei; they count from the next checkpoint on. */
  async append(block: NucleiBlock): Promise<void> {
    if (block.count === 0) return;
    const payload = await deflate(encodeBlock(block), { level: constants.Z_BEST_SPEED });
    const record = Buffer.alloc(recordHeader + payload.length);
    record.writeUInt32LE(payload.length, 0);
    record.writeUInt32LE(crc32(payload), 4);
    payload.copy(record, recordHeader);
    await naming(this.folder, () => this.rows.write(record, 0, record.length, this.#rowBytes));
    this.#rowBytes += record.length;
  }

  /** Makes what was appended count, unless the last checkpoint was a moment ago. */
  async checkpoint({ position, stitcher }: Checkpoint): Promise<void> {
    const start = performance.now();
    if (start < this.#due) return;
    const state: State = {
      fingerprint: this.fingerprint,
      rowBytes: this.#rowBytes,
      position,
      stitcher: Buffer.from(stitcher).toString('base64'),
    };
    await naming(this.folder, () => this.rows.datasync());
    const text = JSON.stringify(state);
    await writeAtomically(join(this.folder, 'state'), `${text}\n${sha256(text)}\n`);
    const end = performance.now();
    this.#due = end + Journal.#patience * (end - start);
  }

  /** All nuclei appended so far, in order. */
  async *blocks(): AsyncGenerator<NucleiBlock> {
    yield* readBlocks(this.rows, this.#rowBytes);
  }

  async close(): Promise<void> {
    await this.rows.close();
  }

  /** Closes the journal and removes it: the slide is done. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The state of an earlier run, 'none', or why it cannot be used. */
async function readState(folder: string, fingerprint: string): Promise<State | string> {
  let text: string;
  try {
    text = await readFile(join(folder, 'state'), 'utf8');
  } catch {
    return 'none';
  }
  const [json, checksum] = text.split('\n');
  if (json === undefined || checksum !== sha256(json))
    return 'the journal is damaged (its state fails the checksum)';
  const state = JSON.parse(json) as State;
  if (state.fingerprint !== fingerprint)
    return 'the slide, the model or the options are not those of the journal';
  try {
    const rows = await open(join(folder, 'rows'), 'r');
    try {
      for await (const block of readBlocks(rows, state.rowBytes)) void block;
    } finally {
      await rows.close();
    }
  } catch {
    return 'the journal is damaged (its rows fail the checksum)';
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

async function readFully(file: FileHandle, into: Buffer, position: number): Promise<void> {
  const { bytesRead } = await file.read(into, 0, into.length, position);
  if (bytesRead !== into.length) throw new Error('the file ends early');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
