import type { Polygon, Ring } from '../geometry/polygon.js';
import type { NucleiBlock } from '../nuclei/block.js';
import { outlineOf } from '../nuclei/outline.js';
import type { ModelSpace } from '../slide/model-space.js';

const polygonType = 3;
const littleEndian = 1;

/**
 * Returns the outline of nucleus k in level-0 px: shell first, then holes. Rings are closed: the first vertex is
 * repeated.
 */
export function outline(block: NucleiBlock, k: number, space: ModelSpace): Ring[] {
  const rings = outlineOf(block, k);
  for (const ring of rings) {
    // A loop, since most of a table's time is spent here and `map` takes several times as long.
    for (let i = 0; i < ring.length; i++) ring[i] = space.toLevel0(ring[i]!);
  }
  return rings;
}

/**
 * Returns the well-known binary of a polygon (OGC 06-103r4, 8.2.7), little-endian.
 * @param allocate gives a buffer of so many bytes
 */
export function toWkb(rings: Polygon, allocate: (bytes: number) => Buffer): Buffer {
  const size = rings.reduce((bytes, ring) => bytes + 4 + 8 * ring.length, 9);
  const wkb = allocate(size);
  wkb.writeUInt8(littleEndian, 0);
  wkb.writeUInt32LE(polygonType, 1);
  wkb.writeUInt32LE(rings.length, 5);
  let at = 9;
  for (const ring of rings) {
    at = wkb.writeUInt32LE(ring.length / 2, at);
    for (const coordinate of ring) at = wkb.writeDoubleLE(coordinate, at);
  }
  return wkb;
}

/**
 * Reads the rings of a polygon in little-endian well-known binary.
 * @throws Error if the bytes are anything else.
 */
export function fromWkb(wkb: Uint8Array): Ring[] {
  const view = new DataView(wkb.buffer, wkb.byteOffset, wkb.byteLength);
  if (view.getUint8(0) !== littleEndian || view.getUint32(1, true) !== polygonType) {
    throw new Error('expected a polygon in little-endian well-known binary');
  }
  let at = 9;
  return Array.from({ length: view.getUint32(5, true) }, () => {
    const ring = new Float64Array(2 * view.getUint32(at, true));
    at += 4;
    for (let i = 0; i < ring.length; i++, at += 8) ring[i] = view.getFloat64(at, true);
    return ring;
  });
}
