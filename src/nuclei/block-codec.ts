import { blockColumns, type NucleiBlock } from './block.js';

type Column = Float64Array | Int32Array | Uint32Array | Uint8Array;

/** Encodes a block as bytes, for a journal on the same machine: in native byte order. */
export function encodeBlock(block: NucleiBlock): Uint8Array {
  const header = new Uint32Array([block.count, block.ringStart.length, block.vertices.length, 0]);
  const parts: Column[] = [header, ...blockColumns.map(([name]) => block[name])];
  parts.push(block.nucleusRing, block.ringStart, block.vertices, block.type);
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), offset);
    offset += part.byteLength;
  }
  return bytes;
}

/** Decodes a block that encodeBlock encoded. @throws RangeError if the bytes end early */
export function decodeBlock(bytes: Uint8Array): NucleiBlock {
  const buffer = bytes.slice().buffer; // aligned, and owned by the block
  const [count, ringStarts, vertices] = new Uint32Array(buffer, 0, 3);
  let offset = 16;
  const take = <T extends Column>(
    type: new (buffer: ArrayBuffer, offset: number, length: number) => T,
    length: number,
  ): T => {
    const part = new type(buffer, offset, length);
    offset += part.byteLength;
    return part;
  };
  const measured = Object.fromEntries(
    blockColumns.map(([name, type, width]) => [name, take<Column>(type, count! * width)]),
  );
  return {
    count: count!,
    ...(measured as Pick<NucleiBlock, (typeof blockColumns)[number][0]>),
    nucleusRing: take(Uint32Array, count! + 1),
    ringStart: take(Uint32Array, ringStarts!),
    vertices: take(Int32Array, vertices!),
    type: take(Uint8Array, count!),
  };
}
