import { dirname, join } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { dicomInstances, mayBeDicom } from './dicom.js';
import { seriesIn, slideEndings } from './slide-files.js';
import { walk } from './walk.js';

/** Endings of files that count as slides in a folder: those that OpenSlide reads, and those of plain images. */
const endings = new RegExp(`\\.(${[...slideEndings, 'tif', 'tiff', 'png', 'jpg', 'jpeg'].join('|')})$`, 'i');

/** Slides that were found, and notices about what was left out, one line each. */
export interface FoundSlides {
  readonly slides: string[];
  readonly leftOut: string[];
}

/**
 * Finds the slides at or below a folder, sorted, one path each. Hidden files and results of hoverslide are left out.
 */
export async function slidesBelow(folder: string): Promise<FoundSlides> {
  const { files: found, resultFolders, badNames } = await walk(folder);
  const hamamatsu = new Set(found.filter((path) => /\.vm[su]$/i.test(path)).map((path) => dirname(path)));
  const slides = found
    .filter((path) => endings.test(path) && !mayBeDicom(path))
    .filter((path) => !(/\.jpe?g$/i.test(path) && hamamatsu.has(dirname(path)))); // the parts of a .vms
  const dicom = await dicomSlides(found.filter(mayBeDicom));
  const leftOut = badNames.map((name) => `${name}: left out: its name is not UTF-8; rename it`);
  if (resultFolders.length > 0) {
    const [first, ...others] = resultFolders;
    const more = others.length > 0 ? ` and ${others.length} more folders` : '';
    leftOut.push(`${first}${more}: left out: results of hoverslide`);
  }
  return { slides: [...slides, ...dicom].sort(), leftOut };
}

/**
 * Returns one path for each DICOM slide that some of the files belong to. Files that have DICOM's ending but are
 * something else are kept: each will fail with an error that says what it is. Series of labels and the like are not
 * slides.
 */
async function dicomSlides(candidates: readonly string[]): Promise<string[]> {
  const slides: string[] = [];
  const known = new Set<string>();
  for (const folder of new Set(candidates.map((path) => dirname(path)))) {
    for (const { name } of await dicomInstances(folder)) known.add(join(folder, name));
    for (const { names } of await seriesIn(folder)) slides.push(join(folder, names[0]));
  }
  const strangers = candidates.filter((path) => endings.test(path) && !known.has(path));
  return [...slides, ...strangers];
}

/** Returns the files that a pattern names, sorted; undefined if the text is not a pattern. */
export async function slidesMatching(pattern: string): Promise<string[] | undefined> {
  if (!isDynamicPattern(pattern)) return undefined;
  return (await glob(pattern, { absolute: true })).sort();
}
