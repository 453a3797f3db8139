import { readFileSync } from 'node:fs';
import { HoverslideError } from './errors.js';

/** Array class for each type of number, by NumPy's name. */
export const npyTypes = {
  '|b1': Uint8Array,
  '|u1': Uint8Array,
  '|i1': Int8Array,
  '<u2': Uint16Array,
  '<i2': Int16Array,
  '<u4': Uint32Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
  '<f4': Float32Array,
  '<f8': Float64Array,
} as const;

export type NpyData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** An array as stored in a .npy file: row-major. */
export interface NpyArray<Data extends NpyData = NpyData> {
  readonly shape: readonly number[];
  readonly data: Data;
}

const magic = Buffer.from('\x93NUMPY', 'latin1');

/**
 * Reads a .npy file (NumPy's format, versions 1 to 3): little endian or single bytes, row-major, no objects.
 * @throws HoverslideError `missing` if it cannot be read, `input` if it is not such a file or its size does not fit.
 */
export function readNpy(file: string): NpyArray {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new HoverslideError(
      'missing',
      `${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`,
      {
        cause: error,
      },
    );
  }
  const { descr, shape, offset } = npyHeader(file, bytes);
  const fail = (message: string) => new HoverslideError('input', `${file}: ${message}`);
  if (!(descr in npyTypes)) throw fail(`expected numbers, little endian, found '${descr}'`);
  const Data = npyTypes[descr as keyof typeof npyTypes];
  const count = shape.reduce((product, side) => product * side, 1);
  const body = bytes.subarray(offset);
  if (body.length !== count * Data.BYTES_PER_ELEMENT) {
    throw fail(
      `expected ${count * Data.BYTES_PER_ELEMENT} bytes for shape (${shape.join(', ')}), found ${body.length}`,
    );
  }
  return { shape, data: new Data(new Uint8Array(body).buffer) };
}

/**
 * Reads the header of a .npy file: NumPy's name of the type, the shape, and where the values begin.
 * @param bytes the beginning of the file, with all of the header
 * @throws HoverslideError `input` if it is no such file, or its order is columns first.
 */
export function npyHeader(
  file: string,
  bytes: Buffer,
): { descr: string; shape: readonly number[]; offset: number } {
  const fail = (message: string) => new HoverslideError('input', `${file}: ${message}`);
  if (bytes.length < 12 || !bytes.subarray(0, 6).equals(magic)) throw fail('not a .npy file');
  const long = bytes[6]! > 1;
  const begin = long ? 12 : 10;
  const offset = begin + (long ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  const header = bytes.subarray(begin, offset).toString('latin1');
  const descr = /'descr':\s*'([^']+)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const list = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || list === undefined) throw fail('not a .npy header');
  if (order === 'True') throw fail('expected rows first (C order), found columns first (Fortran order)');
  const shape = list
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  return { descr, shape, offset };
}

/** Encodes an array as the bytes of a .npy file, version 1. */
export function npyBytes({ shape, data }: NpyArray): Buffer {
  const descr = Object.entries(npyTypes).findLast(([, Data]) => data instanceof Data)![0];
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${list}), }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n';
  const prefix = Buffer.from(magic);
  const length = Buffer.alloc(4);
  length.writeUInt8(1, 0);
  length.writeUInt16LE(header.length, 2);
  return Buffer.concat([
    prefix,
    length,
    Buffer.from(header, 'latin1'),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
}
