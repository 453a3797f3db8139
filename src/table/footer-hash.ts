import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { HoverslideError, errorLine } from '../errors.js';

/**
 * Returns the hash of a Parquet file's footer. It holds the places and sizes of all compressed columns, and bounds of their
 * values: a table with other nuclei has another one, and it is read in no time.
 * @throws HoverslideError `missing` if the file cannot be read
 */
export async function footerHash(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const end = Buffer.alloc(8);
      await file.read(end, 0, 8, Math.max(0, size - 8));
      const length = Math.min(size, end.readUInt32LE(0) + 8);
      const footer = Buffer.alloc(length);
      await file.read(footer, 0, length, size - length);
      return createHash('sha256').update(footer).digest('hex');
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new HoverslideError('missing', `${path}: cannot be read: ${errorLine(cause)}`, { cause });
  }
}
