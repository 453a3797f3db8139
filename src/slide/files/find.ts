import { dirname, join, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { dicomInstances, mayBeDicom } from './dicom.js';
import { seriesIn, slideEndings } from './slide-files.js';

/** Endings of files that are taken for slides in a folder: of what OpenSlide reads, and of plain images. */
const endings = new RegExp(`\\.(${[...slideEndings, 'tif', 'tiff', 'png', 'jpg', 'jpeg'].join('|')})$`, 'i');

/** Slides at or below a folder, sorted, one path each; hidden files and those below `except` are left out. */
export async function slidesBelow(folder: string, except: string): Promise<string[]> {
  const found = (await glob('**/*', { cwd: folder, absolute: true })).filter(
    (path) => !path.startsWith(resolve(except) + sep),
  );
  const hamamatsu = new Set(found.filter((path) => /\.vm[su]$/i.test(path)).map((path) => dirname(path)));
  const slides = found
    .filter((path) => endings.test(path) && !mayBeDicom(path))
    .filter((path) => !(/\.jpe?g$/i.test(path) && hamamatsu.has(dirname(path)))); // the parts of a .vms
  const dicom = await dicomSlides(found.filter(mayBeDicom));
  return [...slides, ...dicom].sort();
}

/**
 * One path for each DICOM slide that some of the files belong to. Files with DICOM's ending that are something else
 * stay: each will say what it is. Series of labels and the like are no slides.
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

/** Files that a pattern names, sorted; undefined if the text is not a pattern. */
export async function slidesMatching(pattern: string): Promise<string[] | undefined> {
  if (!isDynamicPattern(pattern)) return undefined;
  return (await glob(pattern, { absolute: true })).sort();
}
