import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Slide } from './slide.js';

/**
 * Names a slide's content, hexadecimal: SHA-256 over OpenSlide's own quick hash (of the smallest level and the
 * properties) and the file's size, or over all bytes where OpenSlide gives none. The path does not matter.
 */
export async function slideHash(slide: Slide): Promise<string> {
  const hash = createHash('sha256');
  const quick = slide.properties['openslide.quickhash-1'];
  if (quick) hash.update(`${quick} ${(await stat(slide.path)).size}`);
  else await pipeline(createReadStream(slide.path), hash);
  return hash.digest('hex');
}
