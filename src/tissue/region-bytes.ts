import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HoverslideError, errorLine } from '../errors.js';

/**
 * Most bytes of a mask or region, also after decompression. At 8 um a pixel a whole slide's mask has some megabytes; more
 * is the slide itself, or a bomb.
 */
const most = 256 * 2 ** 20;
const limit = `at most ${most / 2 ** 20} MB`;

/**
 * Reads the file of a mask or region, decompressed if it is gzip.
 * @param source what errors call it, for instance `mask FILE`
 * @throws HoverslideError `missing` or `input`
 */
export async function readRegionBytes(source: string, path: string): Promise<Buffer> {
  const refuse = (found: string, cause?: unknown): never => {
    throw new HoverslideError('input', `${source}: expected ${found}`, { cause });
  };
  let bytes: Buffer;
  try {
    const file = await stat(path);
    if (file.isFile() && file.size > most) refuse(`${limit}, found ${(file.size / 2 ** 20).toFixed()} MB`);
    if (!file.isFile() && !file.isDirectory())
      refuse('a file, found a pipe or device, which is read only once');
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof HoverslideError) throw error;
    throw new HoverslideError('missing', `${source}: cannot be read: ${errorLine(error)}`, { cause: error });
  }
  const content = bytes[0] === 0x1f && bytes[1] === 0x8b ? await unpacked(bytes, refuse) : bytes;
  if (content.length === 0) refuse('polygons or an image, found an empty file');
  return content;
}

async function unpacked(bytes: Buffer, refuse: (found: string, cause: unknown) => never): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: most });
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return refuse(
      tooLarge ? `${limit} when decompressed, found more` : `sound gzip, found: ${errorLine(error)}`,
      error,
    );
  }
}
