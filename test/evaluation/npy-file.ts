/** The header of a .npy file, version 1. */
export function npyHeaderBytes(descr: string, shape: readonly number[]): Buffer {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${list}), }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n';
  const size = Buffer.alloc(2);
  size.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), size, Buffer.from(header, 'latin1')]);
}

/** Strings as NumPy keeps them, like PanNuke's types.npy. */
export function npyStrings(strings: readonly string[]): Buffer {
  const length = Math.max(...strings.map((text) => text.length));
  const body = Buffer.alloc(4 * length * strings.length);
  strings.forEach((text, k) =>
    [...text].forEach((character, i) => body.writeUInt32LE(character.codePointAt(0)!, 4 * (k * length + i))),
  );
  return Buffer.concat([npyHeaderBytes(`<U${length}`, [strings.length]), body]);
}
