import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { HoverslideError } from '../errors.js';
import type { RgbImage } from '../slide/binding.js';
import { decodeImage } from '../slide/plain-image.js';
import { ClassSet } from './classes.js';
import { imageFiles, labelFiles, requireSameFields } from './folder.js';
import { readLabels } from './labels/read.js';
import { type LabelSource, sized } from './labels/source.js';
import { mergeChannels, PannukeFold } from './pannuke-fold.js';

export interface FieldLabels {
  readonly source: LabelSource;
  /** Instance maps of the classes, one by one, if the file stores them separately (PanNuke). */
  readonly channels?: readonly Int32Array[];
}

export interface FieldImage {
  size(): Promise<{ width: number; height: number }>;
  read(): Promise<RgbImage>;
  /** Calls `work` with the image as a file. */
  withFile<T>(work: (file: string) => Promise<T>): Promise<T>;
}

/** An image whose nuclei are known. */
export interface TestField {
  readonly name: string;
  readonly tissue?: string;
  readonly image?: FieldImage;
  truth(): Promise<FieldLabels>;
}

/** Images that are averaged together. */
export interface TestSet {
  readonly folder: string;
  /** Classes of its labels. */
  readonly classes: ClassSet;
  /** PanNuke's fold, if it is one. */
  readonly fold?: number;
  readonly fields: readonly TestField[];
}

/** Labels that some tool predicted for the fields of a set. */
export interface Predictions {
  readonly name: string;
  /** What a reader should know about the origin of the values. */
  readonly note?: string;
  readonly classes: ClassSet;
  of(field: TestField): Promise<FieldLabels>;
}

/**
 * Opens labels without images, by the names of their files.
 * @param classesName set of classes of the labels, `pannuke` by default
 */
export function openLabelSets(folder: string, classesName = 'pannuke'): TestSet[] {
  const classes = ClassSet.load(classesName);
  const folds = PannukeFold.find(folder);
  if (folds.length > 0) return folds.map((fold) => foldSet(folder, fold, classes));
  const fields = [...labelFiles(folder)].map(([name, file]): TestField => ({
    name,
    truth: async () => ({ source: await readLabels(file, classes) }),
  }));
  return [{ folder, classes, fields }];
}

/**
 * Opens a data set as published: images and labels anywhere below the folder, paired by the names of their files, or
 * PanNuke's folds.
 * @param classesName set of classes of the labels; by default the one with the name of the folder or of the folder
 *   above
 * @throws HoverslideError `missing` naming an image without labels or labels without image
 */
export function openDataSets(folder: string, classesName?: string): TestSet[] {
  const folds = PannukeFold.find(folder);
  if (folds.length > 0) {
    const classes = ClassSet.load(classesName ?? 'pannuke');
    return folds.map((fold) => foldSet(folder, fold, classes));
  }
  const classes = ClassSet.load(classesName ?? setName(folder));
  const labels = labelFiles(folder);
  const images = imageFiles(folder);
  requireSameFields(labels, images, 'the image', folder);
  requireSameFields(images, labels, 'the labels', folder);
  const fields = [...labels].map(([name, file]): TestField => ({
    name,
    image: imageOnDisk(images.get(name)!),
    truth: async () => ({ source: await readLabels(file, classes) }),
  }));
  return [{ folder, classes, fields }];
}

/**
 * Opens the output of a tool for the fields of a set: one file per field, or PanNuke's masks.npy.
 * @param classesName set of classes of the tool's output
 * @throws HoverslideError `missing` naming a field without prediction or a prediction without field
 */
export function openPredictions(
  name: string,
  folder: string,
  sets: readonly TestSet[],
  classesName = 'pannuke',
): Predictions {
  const classes = ClassSet.load(classesName);
  const folds = PannukeFold.find(folder);
  if (folds.length > 0) return foldPredictions(name, folder, folds, sets, classes);
  const files = labelFiles(folder);
  const fields = new Map(
    sets.flatMap((set) => set.fields.map((field): [string, string] => [field.name, set.folder])),
  );
  for (const [field, where] of fields) {
    if (!files.has(field)) {
      throw new HoverslideError(
        'missing',
        `${folder}: expected a prediction of '${field}' (in ${where}); found none`,
      );
    }
  }
  requireSameFields(files, fields, 'the truth', sets.map((set) => set.folder).join(', '));
  return {
    name,
    classes,
    of: async (field) => ({ source: await readLabels(files.get(field.name)!, classes) }),
  };
}

function foldSet(folder: string, fold: PannukeFold, classes: ClassSet): TestSet {
  const fields = Array.from({ length: fold.count }, (_, k): TestField => {
    const tissue = fold.tissues?.[k];
    return {
      name: tileName(fold, k),
      ...(tissue !== undefined && { tissue }),
      ...(fold.hasImages && { image: tileImage(fold, k) }),
      truth: () => foldLabels(fold, k),
    };
  });
  return { folder, classes, fields, ...(fold.number !== undefined && { fold: fold.number }) };
}

function foldPredictions(
  name: string,
  folder: string,
  folds: readonly PannukeFold[],
  sets: readonly TestSet[],
  classes: ClassSet,
): Predictions {
  const places = new Map<TestField, { fold: PannukeFold; tile: number }>();
  for (const set of sets) {
    const fold = folds.find(({ number }) => number === set.fold);
    if (!fold)
      throw new HoverslideError('missing', `${folder}: expected masks.npy of fold ${set.fold}; found none`);
    if (fold.count !== set.fields.length) {
      throw new HoverslideError(
        'input',
        `${fold.file}: expected ${set.fields.length} tiles as in ${set.folder}; found ${fold.count}`,
      );
    }
    set.fields.forEach((field, tile) => places.set(field, { fold, tile }));
  }
  return {
    name,
    classes,
    of: (field) => {
      const { fold, tile } = places.get(field)!;
      return foldLabels(fold, tile);
    },
  };
}

async function foldLabels(fold: PannukeFold, tile: number): Promise<FieldLabels> {
  const channels = await fold.channels(tile);
  return { source: sized(mergeChannels(`${fold.file}, tile ${tile}`, fold.width, channels)), channels };
}

function tileName(fold: PannukeFold, tile: number): string {
  const number = String(tile).padStart(4, '0');
  return fold.number === undefined ? number : `fold${fold.number}-${number}`;
}

function imageOnDisk(file: string): FieldImage {
  return {
    size: async () => {
      const { autoOrient } = await sharp(file, { limitInputPixels: false }).metadata();
      return autoOrient;
    },
    read: async () => {
      const { width, height, pixels } = await decodeImage(file);
      return { width, height, data: new Uint8Array(pixels) };
    },
    withFile: (work) => work(file),
  };
}

function tileImage(fold: PannukeFold, tile: number): FieldImage {
  const { width, height } = fold;
  const read = async () => ({ width, height, data: await fold.image(tile) });
  return {
    size: () => Promise.resolve({ width, height }),
    read,
    withFile: async (work) => {
      const folder = await mkdtemp(join(tmpdir(), 'hoverslide-'));
      try {
        const file = join(folder, `${tileName(fold, tile)}.png`);
        const { data } = await read();
        await sharp(data, { raw: { width, height, channels: 3 } })
          .png({ compressionLevel: 1 })
          .toFile(file);
        return await work(file);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Finds the set of classes with the name of a folder or of the folder above it. */
function setName(folder: string): string {
  const full = resolve(folder);
  const names = [basename(full), basename(dirname(full))].map((name) => name.toLowerCase());
  const known = ClassSet.names();
  const found = names.find((name) => known.includes(name));
  if (found !== undefined) return found;
  throw new HoverslideError(
    'usage',
    `${folder}: expected option truthClasses, since the folder's name is none of ${known.join(', ')}`,
    { option: 'truthClasses' },
  );
}
