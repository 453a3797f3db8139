import { readdir, stat } from 'node:fs/promises';
import { dirname, join, parse, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';

/**
 * Files that are taken for slides in a folder: what OpenSlide reads, and plain images. DICOM is not among them, since
 * a slide is a folder of such files: name one of them.
 */
const endings = 'svs,tif,tiff,ndpi,vms,vmu,scn,mrxs,svslide,bif,czi,png,jpg,jpeg';

/** Slides at or below a folder, sorted; hidden files and those below `except` are left out. */
export async function slidesBelow(folder: string, except: string): Promise<string[]> {
  const found = await glob(`**/*.{${endings}}`, { cwd: folder, absolute: true, caseSensitiveMatch: false });
  const hamamatsu = new Set(found.filter((path) => /\.vm[su]$/i.test(path)).map((path) => dirname(path)));
  return found
    .filter((path) => !path.startsWith(resolve(except) + sep))
    .filter((path) => !(/\.jpe?g$/i.test(path) && hamamatsu.has(dirname(path)))) // the parts of a .vms
    .sort();
}

/** Files that a pattern names, sorted; undefined if the text is not a pattern. */
export async function slidesMatching(pattern: string): Promise<string[] | undefined> {
  if (!isDynamicPattern(pattern)) return undefined;
  return (await glob(pattern, { absolute: true })).sort();
}

/** The folder beside a MIRAX file that holds its pixels; undefined for all other formats. */
export function companionFolder(path: string): string | undefined {
  const { dir, name, ext } = parse(path);
  return ext.toLowerCase() === '.mrxs' ? join(dir, name) : undefined;
}

/** Size of a slide and when it was last changed, without opening it. */
export interface FileFacts {
  /** Bytes on disk, a MIRAX folder's among them. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export async function fileFacts(path: string): Promise<FileFacts> {
  const { size, mtimeMs } = await stat(path);
  const folder = companionFolder(path);
  const parts = folder === undefined ? [] : await readdir(folder).catch(() => []);
  const sizes = await Promise.all(parts.map(async (part) => (await stat(join(folder!, part))).size));
  return { bytes: sizes.reduce((sum, bytes) => sum + bytes, size), modified: Math.floor(mtimeMs) };
}
