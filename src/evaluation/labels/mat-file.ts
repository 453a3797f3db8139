import { inflateSync } from 'node:zlib';
import { HoverslideError } from '../../errors.js';

/** A numeric array of a MAT-file, in column-major order as in MATLAB. */
export interface MatArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const compressed = 15;
const matrix = 14;
/** mxDOUBLE_CLASS to mxUINT64_CLASS. Others (cells, structs, text, sparse arrays) are skipped. */
const numericClasses = { first: 6, last: 15 };

/** Numeric data types of an element: bytes per value, and a function that reads one. */
const types: Record<number, { size: number; read: (bytes: Buffer, at: number) => number }> = {
  1: { size: 1, read: (bytes, at) => bytes.readInt8(at) },
  2: { size: 1, read: (bytes, at) => bytes.readUInt8(at) },
  3: { size: 2, read: (bytes, at) => bytes.readInt16LE(at) },
  4: { size: 2, read: (bytes, at) => bytes.readUInt16LE(at) },
  5: { size: 4, read: (bytes, at) => bytes.readInt32LE(at) },
  6: { size: 4, read: (bytes, at) => bytes.readUInt32LE(at) },
  7: { size: 4, read: (bytes, at) => bytes.readFloatLE(at) },
  9: { size: 8, read: (bytes, at) => bytes.readDoubleLE(at) },
  12: { size: 8, read: (bytes, at) => Number(bytes.readBigInt64LE(at)) },
  13: { size: 8, read: (bytes, at) => Number(bytes.readBigUInt64LE(at)) },
};

interface Element {
  readonly type: number;
  readonly body: Buffer;
}

/**
 * Reads the numeric arrays of a MATLAB Level 5 MAT-file, by name. MATLAB's `save -v7` and SciPy's `savemat` write this
 * format.
 * Source: The MathWorks, "MAT-File Format", chapter 1.
 * @throws HoverslideError `input` if it is another kind of file (version 7.3 is HDF5), or is cut short.
 */
export function readMatFile(file: string, bytes: Buffer): Map<string, MatArray> {
  const fail = (found: string) =>
    new HoverslideError(
      'input',
      `${file}: expected a MAT-file of level 5 (save it with -v7, or with SciPy); found ${found}`,
    );
  if (bytes.subarray(0, 10).toString('latin1') === 'MATLAB 7.3')
    throw fail('one of version 7.3, which is HDF5');
  if (bytes.length < 128 || bytes.subarray(126, 128).toString('latin1') !== 'IM')
    throw fail('no such header');
  const arrays = new Map<string, MatArray>();
  try {
    for (const element of elements(bytes.subarray(128))) {
      const inner = element.type === compressed ? elements(inflateSync(element.body)) : [element];
      for (const { type, body } of inner) {
        if (type === matrix) readMatrix(body, arrays);
      }
    }
  } catch (error) {
    throw fail(`damage (${(error as Error).message})`);
  }
  return arrays;
}

/** Reads a matrix. It consists of its flags, size, name and values, each an element. */
function readMatrix(body: Buffer, arrays: Map<string, MatArray>): void {
  const [flags, dimensions, name, values] = elements(body);
  const arrayClass = flags?.body.readUInt8(0) ?? 0;
  if (arrayClass < numericClasses.first || arrayClass > numericClasses.last) return;
  const shape = dimensions ? numbers(dimensions) : new Float64Array();
  arrays.set(name!.body.toString('latin1'), {
    shape: [...shape],
    data: values ? numbers(values) : new Float64Array(),
  });
}

/**
 * Splits bytes into consecutive elements. An element has type and size in 8 bytes, then a body padded to 8 bytes. A
 * small one has type, size and up to 4 bytes of body in 8 bytes.
 */
function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const small = bytes.readUInt16LE(at + 2);
    const type = small > 0 ? bytes.readUInt16LE(at) : bytes.readUInt32LE(at);
    const size = small > 0 ? small : bytes.readUInt32LE(at + 4);
    const begin = small > 0 ? at + 4 : at + 8;
    if (begin + size > bytes.length) throw new RangeError('cut short');
    found.push({ type, body: bytes.subarray(begin, begin + size) });
    const padded = type === compressed ? size : Math.ceil(size / 8) * 8;
    at = small > 0 ? at + 8 : begin + padded;
  }
  return found;
}

function numbers({ type, body }: Element): Float64Array {
  const kind = types[type];
  if (kind === undefined) throw new RangeError(`values of type ${type}`);
  return Float64Array.from({ length: body.length / kind.size }, (_, k) => kind.read(body, k * kind.size));
}
