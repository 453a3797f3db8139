import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { HoverslideError, errorLine } from '../errors.js';
import { zstd } from '../table/zstd.js';
import { magic, trailerBytes, type OverlayDirectory } from './layout.js';

const numbers = z.array(z.number().nonnegative()).readonly();
const whole = z.array(z.int().nonnegative()).readonly();

const schema = z.object({
  table: z.string(),
  nuclei: z.int().nonnegative(),
  rowGroup: z.int().positive(),
  side: z.int().positive(),
  classes: z.array(z.int()).readonly(),
  qualities: z.array(z.string()).readonly(),
  leaves: z.object({
    depth: whole,
    i: whole,
    j: whole,
    count: whole,
    left: z.array(z.int()).readonly(),
    top: z.array(z.int()).readonly(),
    right: z.array(z.int()).readonly(),
    bottom: z.array(z.int()).readonly(),
    block: whole,
  }),
  densities: z.array(z.object({ cell: z.int().positive(), i: whole, j: whole, block: whole })).readonly(),
  blocks: z.object({ offset: numbers, length: whole, crc: whole }),
}) satisfies z.ZodType<OverlayDirectory>;

/** A slide's `nuclei.overlay`, open for reading. */
export class Overlay {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    readonly directory: OverlayDirectory,
  ) {}

  /**
   * Opens an overlay.
   * @throws HoverslideError `missing` if it cannot be read, `input` if it is damaged or of another version
   */
  static async open(path: string): Promise<Overlay> {
    let handle: FileHandle;
    try {
      handle = await open(path);
    } catch (cause) {
      throw new HoverslideError('missing', `${path}: cannot be read: ${errorLine(cause)}`, { cause });
    }
    try {
      return new Overlay(path, handle, await readDirectory(path, handle));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Reads a block as the file holds it: a Zstandard frame.
   * @throws RangeError if there is none of that number, HoverslideError `input` if it is damaged
   */
  async block(k: number): Promise<Uint8Array> {
    const { offset, length, crc } = this.directory.blocks;
    const size = length[k];
    if (size === undefined) throw new RangeError(`expected a block below ${length.length}, found ${k}`);
    const bytes = await bytesAt(this.handle, offset[k]!, size);
    if (crc32(bytes) !== crc[k]) throw damaged(this.path, `block ${k} has another checksum`);
    return bytes;
  }

  /** Reads a block and decompresses it. */
  async decompressed(k: number): Promise<Uint8Array> {
    const { decompress } = await zstd();
    return decompress(await this.block(k), 0);
  }

  /** Reads all blocks. @throws HoverslideError `input` if one is damaged */
  async check(): Promise<void> {
    for (let k = 0; k < this.directory.blocks.length.length; k++) await this.block(k);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

async function readDirectory(path: string, handle: FileHandle): Promise<OverlayDirectory> {
  const { size } = await handle.stat();
  const start = await bytesAt(handle, 0, magic.length);
  const version = start[magic.length - 1];
  if (start.length < magic.length || magic.slice(0, -1).some((byte, k) => start[k] !== byte)) {
    throw damaged(path, 'it begins as another kind of file');
  }
  if (version !== magic.at(-1)) {
    throw new HoverslideError(
      'input',
      `${path}: expected layout ${magic.at(-1)} of nuclei.overlay, found ${version}: another version of hoverslide wrote it`,
    );
  }
  const trailer = await bytesAt(handle, Math.max(0, size - trailerBytes), trailerBytes);
  const ends = trailer.length === trailerBytes && magic.every((byte, k) => trailer[16 + k] === byte);
  if (!ends) throw damaged(path, 'it has no end');
  const [offset, length, crc] = [trailer.readDoubleLE(0), trailer.readUInt32LE(8), trailer.readUInt32LE(12)];
  if (offset + length + trailerBytes !== size) throw damaged(path, 'it has another length');
  const frame = await bytesAt(handle, offset, length);
  if (crc32(frame) !== crc) throw damaged(path, 'its directory has another checksum');
  const { decompress } = await zstd();
  const directory = schema.safeParse(JSON.parse(Buffer.from(decompress(frame, 0)).toString('utf8')));
  if (!directory.success) throw damaged(path, 'its directory has another form');
  return directory.data;
}

/** Reads bytes; fewer where the file ends before. */
async function bytesAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await handle.read(bytes, 0, length, offset);
  return bytes.subarray(0, bytesRead);
}

function damaged(path: string, how: string): HoverslideError {
  return new HoverslideError('input', `${path} is damaged: ${how}`);
}
