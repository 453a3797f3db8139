import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { npyBytes, readNpy, type NpyData } from '../src/npy.js';
import { scratchFolder } from '../testkit/folder.js';

const folder = scratchFolder();
const file = join(folder, 'array.npy');

/** A file of version 1 around a header written by hand. */
function save(header: string, body: Uint8Array = new Uint8Array(0)): string {
  const text = `${header}\n`;
  const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  start.writeUInt16LE(text.length, 8);
  writeFileSync(file, Buffer.concat([start, Buffer.from(text), body]));
  return file;
}

describe('.npy files', () => {
  const arrays: NpyData[] = [
    Uint8Array.of(0, 1, 255, 7, 8, 9),
    Int8Array.of(0, -1, 127, 7, 8, 9),
    Int32Array.of(0, -1, 2 ** 31 - 1, 7, 8, 9),
    Float32Array.of(0, -1.5, Infinity, NaN, 8, 9),
    Float64Array.of(0, -1.5, 1e300, 7, 8, 9),
    BigInt64Array.of(0n, -1n, 2n ** 62n, 7n, 8n, 9n),
  ];
  for (const data of arrays) {
    for (const shape of [[6], [2, 3], [1, 3, 2]]) {
      it(`keep a ${data.constructor.name} of shape (${shape.join(', ')})`, () => {
        const bytes = npyBytes({ shape, data });
        assert.equal((bytes.length - data.byteLength) % 64, 0, 'values are aligned as NumPy wants them');
        writeFileSync(file, bytes);
        assert.deepEqual(readNpy(file), { shape, data });
      });
    }
  }

  it('are read as NumPy writes them', () => {
    const header = "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }     ";
    assert.deepEqual(readNpy(save(header, Uint8Array.of(1, 0, 255, 255, 0, 1))), {
      shape: [3],
      data: Int16Array.of(1, -1, 256),
    });
  });

  it('hold a single number and none', () => {
    const scalar = "{'descr': '|u1', 'fortran_order': False, 'shape': (), }";
    assert.deepEqual(readNpy(save(scalar, Uint8Array.of(5))), { shape: [], data: Uint8Array.of(5) });
    const none = "{'descr': '|u1', 'fortran_order': False, 'shape': (0, 4), }";
    assert.deepEqual(readNpy(save(none)), { shape: [0, 4], data: new Uint8Array(0) });
  });

  const refused: [name: string, header: string, message: RegExp][] = [
    ['big endian', "{'descr': '>f4', 'fortran_order': False, 'shape': (0,), }", /found '>f4'/],
    ['objects', "{'descr': '|O', 'fortran_order': False, 'shape': (0,), }", /found '\|O'/],
    ['columns first', "{'descr': '<f4', 'fortran_order': True, 'shape': (0, 0), }", /Fortran order/],
    [
      'a short file',
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9, 1), }",
      /expected 36 bytes .* found 0/,
    ],
    ['nonsense', '{}', /not a \.npy header/],
  ];
  for (const [name, header, message] of refused) {
    it(`refuse ${name}, naming the file`, () => {
      assert.throws(() => readNpy(save(header)), { kind: 'input', message });
      assert.throws(() => readNpy(file), { message: /array\.npy/ });
    });
  }

  it('that are missing, or something else, are refused', () => {
    assert.throws(() => readNpy(join(folder, 'none.npy')), { kind: 'missing' });
    writeFileSync(file, 'plain text, long enough');
    assert.throws(() => readNpy(file), { kind: 'input', message: /not a \.npy file/ });
  });
});
