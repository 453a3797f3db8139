import { HoverslideError } from '../../errors.js';
import { readNpy } from '../../npy.js';
import type { ClassSet } from '../classes.js';
import { labelMap } from '../label-map.js';
import { readLabelImage, readLabelPair } from './image.js';
import { readMat } from './mat.js';
import { readMonuseg } from './monuseg.js';
import { sized, type LabelSource } from './source.js';
import { readTable } from './table.js';
import { readJson } from './tool-json.js';

type Reader = (file: string, classes: ClassSet) => Promise<LabelSource>;

/** Formats of labels, by the end of the file's name. The first that fits is taken. */
const readers: readonly (readonly [end: string, read: Reader])[] = [
  ['.instances.png', async (file, classes) => sized(await readLabelPair(file, classes))],
  ['.mat', async (file, classes) => sized(await readMat(file, classes))],
  ['.xml', readMonuseg],
  ['_nuclei.geojson', readJson],
  ['.geojson', readJson],
  ['.json', readJson],
  ['.parquet', readTable],
  ['.npy', (file) => Promise.resolve(sized(readLabelArray(file)))],
  ['.png', async (file) => sized(await readLabelImage(file))],
  ['.tif', async (file) => sized(await readLabelImage(file))],
  ['.tiff', async (file) => sized(await readLabelImage(file))],
];

/** Ends of file names that can only be labels, not images. */
export const labelEnds = readers
  .map(([end]) => end)
  .filter((end) => !['.png', '.tif', '.tiff'].includes(end));

/** Ends of the names of label files. Where several fit, the longest comes first. */
export const allLabelEnds = readers.map(([end]) => end);

/**
 * Reads the labels of a field in any known format.
 * @throws HoverslideError naming the file if it cannot be read in the format that its name states.
 */
export async function readLabels(file: string, classes: ClassSet): Promise<LabelSource> {
  const reader = readers.find(([end]) => file.endsWith(end))?.[1];
  if (reader === undefined) {
    throw new HoverslideError('input', `${file}: expected labels as ${allLabelEnds.join(', ')}`);
  }
  return await reader(file, classes);
}

/** Reads a label image from a NumPy array [height, width], without classes. */
function readLabelArray(file: string) {
  const { shape, data } = readNpy(file);
  const [height, width] = shape;
  if (shape.length !== 2 || !width || !height) {
    throw new HoverslideError(
      'input',
      `${file}: expected labels [height, width]; found an array [${shape.join(', ')}]`,
    );
  }
  return labelMap(file, width, Int32Array.from(data as ArrayLike<number | bigint>, Number));
}
