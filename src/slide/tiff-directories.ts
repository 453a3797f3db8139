import { open } from 'node:fs/promises';
import { HoverslideError } from '../errors.js';

/**
 * Follows a TIFF's chain of directories to its end. A slide cut off in the middle of its pyramid is no slide to
 * OpenSlide, and to image libraries a sound image: the first one. Files that are not TIFF pass.
 * @throws HoverslideError `input` if a directory lies beyond the end of the file.
 */
export async function checkTiffDirectories(path: string): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const at = async (offset: number, length: number) => {
      const bytes = Buffer.alloc(length);
      if ((await file.read(bytes, 0, length, offset)).bytesRead === length) return bytes;
      throw new HoverslideError(
        'input',
        `${path}: truncated TIFF: expected a directory at byte ${offset}, found the end of the file at ${size}`,
      );
    };
    const head = (await file.read(Buffer.alloc(16), 0, 16, 0)).buffer;
    const order = head.toString('latin1', 0, 2);
    if (order !== 'II' && order !== 'MM') return;
    const little = order === 'II';
    const version = little ? head.readUInt16LE(2) : head.readUInt16BE(2);
    if (version !== 42 && version !== 43) return;

    const big = version === 43; // BigTIFF: counts and offsets of 8 bytes, entries of 20
    const offset = (bytes: Buffer, from: number) => {
      if (big) return Number(little ? bytes.readBigUInt64LE(from) : bytes.readBigUInt64BE(from));
      return little ? bytes.readUInt32LE(from) : bytes.readUInt32BE(from);
    };
    const seen = new Set<number>();
    for (let directory = offset(head, big ? 8 : 4); directory !== 0 && !seen.has(directory);) {
      seen.add(directory);
      const count = await at(directory, big ? 8 : 2);
      const entries = big ? offset(count, 0) : little ? count.readUInt16LE(0) : count.readUInt16BE(0);
      directory = offset(await at(directory + count.length + entries * (big ? 20 : 12), big ? 8 : 4), 0);
    }
  } finally {
    await file.close();
  }
}
