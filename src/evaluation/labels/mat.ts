import { readFile } from 'node:fs/promises';
import { errorLine, HoverslideError } from '../../errors.js';
import type { ClassSet } from '../classes.js';
import { type LabelMap, labelMap } from '../label-map.js';
import { vote } from './image.js';
import { type MatArray, readMatFile } from './mat-file.js';

/**
 * Reads labels from MATLAB arrays: `inst_map` [height, width], and the classes as one of
 * - `class` by `id` (Lizard), `inst_type` by `inst_uid` (HoVer-Net's output): one entry per nucleus,
 * - `type_map` [height, width] (CoNSeP), by vote,
 * - `inst_type` alone: entry k is the nucleus of the k-th lowest label.
 * @throws HoverslideError `missing` if it cannot be read, `input` if it is not such a file or a class is unknown.
 */
export async function readMat(file: string, classes: ClassSet): Promise<LabelMap> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new HoverslideError('missing', `${file}: cannot be read; ${errorLine(error)}`);
  }
  const arrays = readMatFile(file, bytes);
  const instances = arrays.get('inst_map');
  if (instances?.shape.length !== 2) {
    throw new HoverslideError(
      'input',
      `${file}: expected an array inst_map [height, width]; found ${[...arrays.keys()].join(', ') || 'no arrays'}`,
    );
  }
  const map = planeOf(file, instances);
  if (classes.classes.length === 0) return map;
  return { ...map, classes: await classesOf(map, arrays, instances, classes) };
}

async function classesOf(
  map: LabelMap,
  arrays: Map<string, MatArray>,
  instances: MatArray,
  classes: ClassSet,
): Promise<ReadonlyMap<number, number>> {
  const { file } = map;
  const types = arrays.get('class') ?? arrays.get('inst_type');
  const ids = arrays.get('id') ?? arrays.get('inst_uid');
  const plane = arrays.get('type_map');
  if (types && ids) return byLabel(file, ids.data, types.data, classes);
  if (plane) return vote(map, planeOf(file, plane), classes);
  if (types) return byLabel(file, labelsOf(instances), types.data, classes);
  throw new HoverslideError(
    'input',
    `${file}: expected the classes '${classes.name}' in class, inst_type or type_map; found ${[...arrays.keys()].join(', ')}`,
  );
}

function byLabel(
  file: string,
  ids: Float64Array,
  types: Float64Array,
  classes: ClassSet,
): Map<number, number> {
  if (ids.length !== types.length) {
    throw new HoverslideError(
      'input',
      `${file}: expected a class for each of ${ids.length} nuclei; found ${types.length}`,
    );
  }
  return new Map(Array.from(ids, (id, k): [number, number] => [id, classes.byId(types[k]!, file)]));
}

function labelsOf({ data }: MatArray): Float64Array {
  return Float64Array.from([...new Set(data)].filter((label) => label > 0)).sort();
}

function planeOf(file: string, { shape, data }: MatArray): LabelMap {
  const [height, width] = shape as [number, number];
  const labels = new Int32Array(width * height);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) labels[y * width + x] = data[x * height + y]!;
  }
  return labelMap(file, width, labels);
}
