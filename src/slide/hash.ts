import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileFacts } from './files/facts.js';
import type { Slide } from './slide.js';

/**
 * Computes a hash of a slide's content, hexadecimal. It is SHA-256 over OpenSlide's own quick hash (of the smallest
 * level and the properties) and the size of all its files. It is over all bytes if OpenSlide gives no quick hash, or
 * for DICOM, whose quick hash does not depend on pixels. Paths and names do not matter.
 */
export async function slideHash({ path, files, properties }: Slide): Promise<string> {
  const quick = properties['openslide.quickhash-1'];
  if (quick && properties['openslide.vendor'] !== 'dicom') {
    const { bytes } = await fileFacts(path, files);
    return createHash('sha256').update(`${quick} ${bytes}`).digest('hex');
  }
  const hashes = [];
  for (const name of files.names) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(files.folder, name)), hash);
    hashes.push(hash);
  }
  return hashes.length === 1
    ? hex(hashes[0]!)
    : createHash('sha256').update(hashes.map(hex).sort().join()).digest('hex');
}

function hex(hash: Hash): string {
  return hash.digest('hex');
}
