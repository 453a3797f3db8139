import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { HoverslideError, errorLine } from '../../src/errors.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';

const ending = /\.(geo)?json(\.gz)?$/i;

/**
 * Finds the file of regions of each slide: `<slide>.geojson` in a folder, or one file, which is that of the only slide or
 * is called after its slide. Slides without a file have no regions.
 * @throws HoverslideError `missing` if nothing is there, `usage` if a file names no slide
 */
export async function regionFiles(
  path: string,
  slides: readonly SlideFolder[],
): Promise<ReadonlyMap<SlideFolder, string>> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new HoverslideError('missing', `option regions: ${path}: cannot be read: ${errorLine(cause)}`, {
      cause,
      option: 'regions',
    });
  });
  if (!found.isDirectory() && slides.length === 1) return new Map([[slides[0]!, path]]);
  const files = found.isDirectory()
    ? (await readdir(path))
        .filter((name) => ending.test(name))
        .sort()
        .map((name) => join(path, name))
    : [path];
  if (files.length === 0) {
    throw refusal(`${path}: expected files called after slides, as <slide>.geojson, found none`);
  }
  const byName = new Map(slides.map((slide) => [idOf(slide), slide]));
  const bySlide = new Map<SlideFolder, string>();
  for (const file of files) {
    const name = basename(file).replace(ending, '');
    const slide = byName.get(name);
    if (!slide) {
      throw refusal(
        `${file}: expected the name of a slide of the results, found '${name}': they have ${some([...byName.keys()])}`,
      );
    }
    if (bySlide.has(slide))
      throw refusal(`${file}: expected one file for a slide, found ${bySlide.get(slide)} too`);
    bySlide.set(slide, file);
  }
  return bySlide;
}

/** Name of a slide among the results. */
export function idOf(slide: SlideFolder): string {
  return basename(resolve(slide.path));
}

const mostNames = 5;

function some(names: readonly string[]): string {
  const more = names.length - mostNames;
  return names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function refusal(text: string): HoverslideError {
  return new HoverslideError('usage', `option regions: ${text}`, { option: 'regions' });
}
