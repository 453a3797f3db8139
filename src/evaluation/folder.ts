import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HoverslideError } from '../errors.js';
import { tableFiles } from '../table/open.js';
import { tissueFile } from '../table/slide-folder.js';
import { allLabelEnds, labelEnds } from './labels/read.js';

const imageEnds = ['.png', '.jpg', '.jpeg', '.tif', '.tiff'];

/**
 * Lists all files below a folder, sorted by the characters of their paths, without hidden ones.
 * @throws HoverslideError `missing` if there is no such folder.
 */
export function listFiles(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new HoverslideError('missing', `${folder}: expected a folder; there is none`);
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
    .sort();
}

/**
 * Finds the label files in a folder, by the name of the field. In the output of `hoverslide run` that name is the
 * slide's folder; everywhere else it comes from the file's own name. Files that could be images count only if the
 * folder has no other form of labels.
 * @throws HoverslideError `missing` if the folder has none, `input` if a field has two.
 */
export function labelFiles(folder: string): Map<string, string> {
  const files = listFiles(folder).filter(
    (file) => !file.endsWith('.types.png') && basename(file) !== tissueFile,
  );
  const tables = files.filter((file) => basename(file) === tableFiles.parquet);
  if (tables.length > 0) return new Map(tables.map((file) => [basename(dirname(file)), file]));
  const certain = byField(folder, files, labelEnds);
  const found = certain.size > 0 ? certain : byField(folder, files, allLabelEnds);
  if (found.size === 0) {
    throw new HoverslideError(
      'missing',
      `${folder}: expected labels as ${allLabelEnds.join(', ')}; found none`,
    );
  }
  return found;
}

/**
 * Finds the images in a folder of a data set, by the name of the field. Images in folders called images are preferred,
 * because CoNSeP has overlays beside its images.
 * @throws HoverslideError `input` if a name still occurs more than once.
 */
export function imageFiles(folder: string): Map<string, string> {
  const files = listFiles(folder).filter((file) => !labelEnds.some((end) => file.endsWith(end)));
  const images = files.filter((file) => !file.endsWith('.types.png'));
  const inImages = images.filter((file) => /images?(\d|_|$)/i.test(basename(dirname(file))));
  return byField(folder, inImages.length > 0 ? inImages : images, imageEnds);
}

/**
 * Checks that every field has its counterpart.
 * @throws HoverslideError `missing` naming the file that has no counterpart.
 */
export function requireSameFields(
  files: ReadonlyMap<string, string>,
  others: ReadonlyMap<string, string>,
  what: string,
  where: string,
): void {
  for (const [name, file] of files) {
    if (!others.has(name)) {
      throw new HoverslideError('missing', `${file}: expected ${what} of '${name}' in ${where}; found none`);
    }
  }
}

function byField(folder: string, files: readonly string[], ends: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const file of files) {
    const end = ends.find((end) => file.toLowerCase().endsWith(end));
    if (end === undefined) continue;
    const name = basename(file).slice(0, -end.length);
    const other = fields.get(name);
    if (other !== undefined) {
      throw new HoverslideError(
        'input',
        `${folder}: expected one file for '${name}'; found ${other} and ${file}`,
      );
    }
    fields.set(name, file);
  }
  return new Map([...fields].sort(([a], [b]) => (a < b ? -1 : 1)));
}
