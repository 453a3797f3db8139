import earcut from 'earcut';
import type { LeafOutlines, LeafPoints } from '../../src/overlay/layout.js';
import { leafCells, type PackedOutlines, type PackedPoints } from './tasks.js';

/** Sorts a leaf's nuclei by cells, so that those in view are a few ranges. */
export function packPoints(points: LeafPoints, side: number): PackedPoints {
  const { count } = points;
  const cellOf = (k: number) => (points.y[k]! >> shift) * leafCells + (points.x[k]! >> shift);
  const cells = new Uint32Array(leafCells ** 2 + 1);
  for (let k = 0; k < count; k++) cells[cellOf(k) + 1]!++;
  for (let cell = 0; cell < leafCells ** 2; cell++) cells[cell + 1]! += cells[cell]!;
  const next = cells.slice();
  const packed = {
    count,
    positions: new Float32Array(2 * count),
    tags: new Uint8Array(2 * count),
    rows: new Uint32Array(count),
    order: new Uint32Array(count),
    cells,
  };
  for (let k = 0; k < count; k++) {
    const at = next[cellOf(k)]!++;
    // Places are rounded down: the middle of what they stand for is the nearest.
    packed.positions[2 * at] = ((points.x[k]! + 0.5) / 65_536) * side;
    packed.positions[2 * at + 1] = ((points.y[k]! + 0.5) / 65_536) * side;
    packed.tags[2 * at] = points.classes[k]!;
    packed.tags[2 * at + 1] = points.qualities[k]!;
    packed.rows[at] = points.row[k]!;
    packed.order[at] = k;
  }
  return packed;
}

/** From a place of 16 bits to a cell. */
const shift = 16 - Math.log2(leafCells);

/** Closes the rings, sorts them as the points are, and divides what they enclose into triangles. */
export function packOutlines(
  outlines: LeafOutlines,
  { order, tags, cells }: Pick<PackedPoints, 'order' | 'tags' | 'cells'>,
): PackedOutlines {
  const { vertices, rings, nuclei } = outlines;
  const count = order.length;
  const total = rings.at(-1)! + (rings.length - 1);
  const positions = new Float32Array(2 * total + 2);
  const vertexTags = new Uint8Array(4 * total);
  const vertexOf = new Uint32Array(count + 1);
  const indexOf = new Uint32Array(count + 1);
  const triangles: number[] = [];
  let at = 0;
  for (let k = 0; k < count; k++) {
    vertexOf[k] = at;
    indexOf[k] = triangles.length;
    const nucleus = order[k]!;
    const [firstRing, lastRing] = [nuclei[nucleus]!, nuclei[nucleus + 1]!];
    const start = at;
    const holes = [];
    for (let ring = firstRing; ring < lastRing; ring++) {
      const [first, last] = [rings[ring]!, rings[ring + 1]!];
      if (ring > firstRing) holes.push(at - start);
      positions.set(vertices.subarray(2 * first, 2 * last), 2 * at);
      positions.set(vertices.subarray(2 * first, 2 * first + 2), 2 * (at + last - first));
      for (let vertex = at; vertex <= at + last - first; vertex++) {
        vertexTags[4 * vertex] = tags[2 * k]!;
        vertexTags[4 * vertex + 1] = tags[2 * k + 1]!;
        vertexTags[4 * vertex + 2] = vertex < at + last - first ? 1 : 0;
      }
      at += last - first + 1;
    }
    for (const index of earcut(positions.subarray(2 * start, 2 * at), holes)) triangles.push(start + index);
  }
  vertexOf[count] = at;
  indexOf[count] = triangles.length;
  return {
    positions,
    tags: vertexTags,
    triangles: Uint32Array.from(triangles),
    vertexOf,
    indexOf,
    bounds: boundsOf(positions, vertexOf, cells),
  };
}

/** What the nuclei of each cell cover; nothing where a cell has none. */
function boundsOf(positions: Float32Array, vertexOf: Uint32Array, cells: Uint32Array): Float32Array {
  const bounds = new Float32Array(4 * (cells.length - 1));
  for (let cell = 0; cell + 1 < cells.length; cell++) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let vertex = vertexOf[cells[cell]!]!; vertex < vertexOf[cells[cell + 1]!]!; vertex++) {
      left = Math.min(left, positions[2 * vertex]!);
      right = Math.max(right, positions[2 * vertex]!);
      top = Math.min(top, positions[2 * vertex + 1]!);
      bottom = Math.max(bottom, positions[2 * vertex + 1]!);
    }
    bounds.set([left, top, right, bottom], 4 * cell);
  }
  return bounds;
}
