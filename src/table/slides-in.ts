import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HoverslideError, errorLine } from '../errors.js';
import { isThere } from '../files.js';
import { SlideFolder } from './slide-folder.js';

/**
 * Lists the slides with results in a folder, by name: the slide itself if it is one slide's folder.
 * @throws HoverslideError `missing` if it cannot be read, or has no results
 */
export async function slidesIn(path: string): Promise<SlideFolder[]> {
  const own = new SlideFolder(path);
  if (await isThere(own.record)) return [own];
  const names = await readdir(path).catch((error: unknown) => {
    throw new HoverslideError('missing', `${path}: cannot read the folder of results: ${errorLine(error)}`);
  });
  const slides: SlideFolder[] = [];
  for (const name of names.sort()) {
    const slide = new SlideFolder(join(path, name));
    if (await isThere(slide.record)) slides.push(slide);
  }
  if (slides.length === 0) {
    throw new HoverslideError('missing', `${path}: expected results of 'hoverslide run', found none`);
  }
  return slides;
}
