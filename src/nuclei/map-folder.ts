import { join } from 'node:path';
import { HoverslideError } from '../errors.js';
import { readNpy, type NpyArray } from '../npy.js';
import type { FloatMaps } from './maps.js';

/**
 * Reads the maps of a net from a folder: np.npy, h.npy, v.npy (floats) and type.npy (integers from 0 to 255), all of
 * one shape [height, width].
 * @throws HoverslideError `missing` if a file does not exist, `input` if it has another shape or type, or a value that
 *   is not finite or not a class.
 */
export function readMaps(folder: string): FloatMaps {
  const np = readPlane(join(folder, 'np.npy'));
  const h = readPlane(join(folder, 'h.npy'), np);
  const v = readPlane(join(folder, 'v.npy'), np);
  const type = readPlane(join(folder, 'type.npy'), np);
  return {
    width: np.width,
    height: np.height,
    np: floats(np),
    h: floats(h),
    v: floats(v),
    type: classes(type),
  };
}

interface Plane {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly data: NpyArray['data'];
}

function readPlane(file: string, like?: Plane): Plane {
  const { shape, data } = readNpy(file);
  const [height, width] = shape;
  if (shape.length !== 2 || !height || !width) {
    throw new HoverslideError(
      'input',
      `${file}: expected shape (height, width) with at least one pixel, found (${shape.join(', ')})`,
    );
  }
  if (like && (width !== like.width || height !== like.height)) {
    throw new HoverslideError(
      'input',
      `${file}: expected shape (${like.height}, ${like.width}) as of ${like.file}, found (${height}, ${width})`,
    );
  }
  return { file, width, height, data };
}

function floats({ file, data, width }: Plane): Float32Array {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new HoverslideError('input', `${file}: expected floats, found integers`);
  }
  const values = data instanceof Float32Array ? data : new Float32Array(data);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw unusable(file, bad, width, 'a finite number', values[bad]!);
  return values;
}

function classes({ file, data, width }: Plane): Uint8Array {
  if (data instanceof Float32Array || data instanceof Float64Array) {
    throw new HoverslideError('input', `${file}: expected integers, found floats`);
  }
  const types = new Uint8Array(data.length);
  for (let i = 0; i < data.length; ++i) {
    const value = Number(data[i]);
    if (value < 0 || value > 255) throw unusable(file, i, width, 'a class from 0 to 255', value);
    types[i] = value;
  }
  return types;
}

function unusable(
  file: string,
  index: number,
  width: number,
  expected: string,
  found: number,
): HoverslideError {
  const [row, column] = [Math.floor(index / width), index % width];
  return new HoverslideError(
    'input',
    `${file}: expected ${expected} at row ${row}, column ${column}, found ${found}`,
  );
}
