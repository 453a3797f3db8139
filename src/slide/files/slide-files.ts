import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { HoverslideError } from '../../errors.js';
import { dicomInstances, mayBeDicom, type DicomInstance } from './dicom.js';

/** Endings of the formats that only OpenSlide reads. */
export const slideEndings = [
  'svs',
  'ndpi',
  'vms',
  'vmu',
  'scn',
  'mrxs',
  'svslide',
  'bif',
  'czi',
  'avs',
  'dcm',
  'dicom',
];

/** The files that make one slide. */
export interface SlideFiles {
  /** Name of the slide: the file's name without its ending; for DICOM that of the folder or the series. */
  readonly id: string;
  readonly folder: string;
  /** Paths relative to the folder: the file to open, then all others that its pixels come from. */
  readonly names: readonly [main: string, ...others: string[]];
  /** Whether it is a DICOM series, of which any file may be opened. */
  readonly isSeries?: true;
  /** Reason why these are not the whole slide, where files are missing. */
  readonly lacking?: string;
}

/**
 * Finds the files that make a slide. No other place decides this. A DICOM slide is a series, named by any of its files
 * or by the folder that holds it alone. A link to a part of a slide stands for all of it.
 * @throws HoverslideError `input` for a folder that is no slide; the system's error for a path that cannot be read
 */
export async function slideFiles(path: string): Promise<SlideFiles> {
  const found = await stat(path);
  if (found.isDirectory()) return onlySeries(path);
  if (found.isFile() && mayBeDicom(path)) {
    const series = await richest(path, seriesWith);
    if (series) return series;
  }
  if (found.isFile() && /\.mrxs$/i.test(path)) return (await richest(path, mirax))!;
  if (found.isFile() && /\.vm[su]$/i.test(path)) return (await richest(path, hamamatsu))!;
  return alone(path);
}

function alone(path: string): SlideFiles {
  return { id: parse(path).name, folder: dirname(path), names: [basename(path)] };
}

/**
 * Returns the slide's files beside a path. If the path is a link to a part of a slide and there are more files beside
 * the linked file, returns those.
 */
async function richest(
  path: string,
  look: (path: string) => Promise<SlideFiles | undefined>,
): Promise<SlideFiles | undefined> {
  const here = await look(path);
  const real = await realpath(path);
  const there = real === path ? undefined : await look(real);
  if (!here || !there || here.names.length >= there.names.length) return here ?? there;
  return there.isSeries ? there : { ...there, id: here.id };
}

/** Returns the DICOM slides of a folder, one per series. */
export async function seriesIn(folder: string): Promise<SlideFiles[]> {
  const all = new Map<string, DicomInstance[]>();
  for (const instance of await dicomInstances(folder)) {
    all.set(instance.series, [...(all.get(instance.series) ?? []), instance]);
  }
  const slides = [...all].filter(([, instances]) => instances.some(isVolume));
  return slides.map(([series, instances]) => {
    const names = instances.map(({ name }) => name) as [string, ...string[]];
    const id =
      slides.length === 1
        ? basename(folder)
        : names.length > 1
          ? series
          : names[0].replace(/\.(dcm|dicom)$/i, '');
    const lacking = lackingLevel(instances);
    return { id, folder, names, isSeries: true, ...(lacking !== undefined && { lacking }) };
  });
}

async function seriesWith(path: string): Promise<SlideFiles | undefined> {
  return (await seriesIn(dirname(path))).find(({ names }) => names.includes(basename(path)));
}

async function onlySeries(folder: string): Promise<SlideFiles> {
  const [only, ...others] = await seriesIn(folder);
  if (only && others.length === 0) return only;
  const found = only ? `a folder of ${others.length + 1} DICOM slides` : 'a folder';
  throw new HoverslideError('input', `${folder}: expected a slide, found ${found}`);
}

function isVolume({ imageType }: DicomInstance): boolean {
  return imageType[2] === 'VOLUME';
}

/**
 * Says what a series lacks; undefined if nothing. A series whose largest level says that it was made smaller is a copy
 * of a part.
 */
function lackingLevel(instances: readonly DicomInstance[]): string | undefined {
  const [largest] = instances.filter(isVolume).sort((a, b) => b.width - a.width);
  if (largest?.imageType[3] !== 'RESAMPLED') return undefined;
  return (
    `the series lacks its level 0: the largest of its files here, ${largest.name} (${largest.width} x ${largest.height}), ` +
    'is by its own word a smaller version; put all files of the series into one folder'
  );
}

/**
 * Finds the files of a MIRAX slide: a .mrxs file and the folder of the same name, whose Slidedat.ini names the files in
 * it.
 */
async function mirax(path: string): Promise<SlideFiles> {
  const { dir, name, base } = parse(path);
  const companion = join(dir, name);
  const parts = await readdir(companion, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!parts) {
    const lacking = `its folder ${name}/ is not there: a MIRAX slide is ${base} and that folder beside it, copy both`;
    return { ...alone(path), lacking };
  }
  const files = parts.filter((part) => !part.isDirectory()).map((part) => join(part.parentPath, part.name));
  const names = files.map((file) => file.slice(dir.length + 1)).sort();
  const index = await keys(join(companion, 'Slidedat.ini'));
  const named = index.filter(([key]) => /^(FILE_\d+|INDEXFILE)$/.test(key)).map(([, value]) => value);
  const missing = [...(index.length === 0 ? ['Slidedat.ini'] : []), ...named].filter(
    (file) => !files.includes(join(companion, file)),
  );
  return {
    ...alone(path),
    names: [base, ...names],
    ...(missing.length > 0 && { lacking: notThere(missing, `${name}/`) }),
  };
}

/** Finds the files of a Hamamatsu slide: a .vms or .vmu file is a text that names the files with the pixels. */
async function hamamatsu(path: string): Promise<SlideFiles> {
  const { dir, base } = parse(path);
  const named = (await keys(path)).filter(([key]) =>
    /^(ImageFile|MapFile|OptimisationFile|MacroImage)/.test(key),
  );
  const beside = new Set(await readdir(dir));
  const part = (value: string) => value !== '' && value === basename(value);
  const names = [...new Set(named.map(([, value]) => value))].filter(
    (value) => part(value) && beside.has(value),
  );
  const missing = named
    .filter(([key, value]) => /^(ImageFile|MapFile)/.test(key) && value !== '' && !names.includes(value))
    .map(([, value]) => value);
  return {
    ...alone(path),
    names: [base, ...names.sort()],
    ...(missing.length > 0 && { lacking: notThere(missing) }),
  };
}

function notThere(missing: readonly string[], below = ''): string {
  const more = missing.length > 1 ? ` and ${missing.length - 1} more of its files are` : ', a part of it, is';
  return `${below}${missing[0]}${more} not there: copy all files of the slide`;
}

/**
 * Returns keys and values of a text like an .ini file. Sections are ignored. Returns none if the text is too long for
 * such a file.
 */
async function keys(path: string): Promise<[key: string, value: string][]> {
  const size = await stat(path).then(
    ({ size }) => size,
    () => Infinity,
  );
  if (size > 2 ** 20) return [];
  const text = await readFile(path, 'latin1');
  return [...text.matchAll(/^\s*([^=[\]\r\n]+?)\s*=[ \t]*(.*?)\s*$/gm)].map(([, key, value]) => [
    key!,
    value!,
  ]);
}
