import type { NucleiBlock } from './block.js';

/** Columns of a block in the order in which they are stored: widest first, so that each starts aligned. */
const columns = [
  ['centroid', Float64Array, 2],
  ['perimeter', Float64Array, 1],
  ['majorAxis', Float64Array, 1],
  ['minorAxis', Float64Array, 1],
  ['eccentricity', Float64Array, 1],
  ['solidity', Float64Array, 1],
  ['orientation', Float64Array, 1],
  ['share', Float64Array, 1],
  ['probability', Float64Array, 1],
  ['stain', Float64Array, 4],
  ['firstPixel', Int32Array, 2],
  ['box', Int32Array, 4],
  ['area', Int32Array, 1],
] as const;

type Column = Float64Array | Int32Array | Uint32Array | Uint8Array;

/** A block as bytes, for the journal of the same machine: native byte order. */
export function encodeBlock(block: NucleiBlock): Uint8Array {
  const header = new Uint32Array([block.count, block.ringStart.length, block.vertices.length, 0]);
  const parts: Column[] = [header, ...columns.map(([name]) => block[name])];
  parts.push(block.nucleusRing, block.ringStart, block.vertices, block.type);
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), offset);
    offset += part.byteLength;
  }
  return bytes;
}

/** The block that encodeBlock made these bytes of. @throws RangeError if they end early */
export function decodeBlock(bytes: Uint8Array): NucleiBlock {
  const buffer = bytes.slice().buffer; // aligned, and the block's own
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
    columns.map(([name, type, width]) => [name, take<Column>(type, count! * width)]),
  );
  return {
    count: count!,
    ...(measured as Pick<NucleiBlock, (typeof columns)[number][0]>),
    nucleusRing: take(Uint32Array, count! + 1),
    ringStart: take(Uint32Array, ringStarts!),
    vertices: take(Int32Array, vertices!),
    type: take(Uint8Array, count!),
  };
}
