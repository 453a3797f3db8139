// Which nucleus is under the pointer: from what is loaded, without asking anyone.
import type { Leaf } from './leaves.js';

export interface Picked {
  readonly leaf: Leaf;
  /** Place among the leaf's packed points. */
  readonly at: number;
  /** Row of the table. */
  readonly row: number;
  /** Its centroid in level-0 px. */
  readonly x: number;
  readonly y: number;
}

/**
 * Finds the nucleus whose outline contains a place, or the nearest centroid within a distance.
 * @param shown whether a nucleus of a leaf is drawn
 * @param reach in level-0 px
 */
export function pick(
  leaves: readonly Leaf[],
  x: number,
  y: number,
  reach: number,
  shown: (leaf: Leaf, at: number) => boolean,
): Picked | undefined {
  let [nearest, best]: [Picked | undefined, number] = [undefined, Infinity];
  for (const leaf of leaves) {
    if (!leaf.points) continue;
    const { positions, count, rows } = leaf.points;
    const [localX, localY] = [x - leaf.x, y - leaf.y];
    for (let at = 0; at < count; at++) {
      const [dx, dy] = [positions[2 * at]! - localX, positions[2 * at + 1]! - localY];
      const distance = Math.hypot(dx, dy);
      // Of a large nucleus the centroid may be far, yet its outline be around the place.
      if (distance >= best || distance > Math.max(reach, leaf.outlines ? farthest : 0)) continue;
      const hit = leaf.outlines ? contains(leaf, at, localX, localY) : distance <= reach;
      if (!hit || !shown(leaf, at)) continue;
      best = distance;
      nearest = {
        leaf,
        at,
        row: rows[at]!,
        x: leaf.x + positions[2 * at]!,
        y: leaf.y + positions[2 * at + 1]!,
      };
    }
  }
  return nearest;
}

/** Farthest a place within a nucleus is from its centroid, in level-0 px. */
const farthest = 400;

/** The even-odd rule over all rings of a nucleus. */
function contains(leaf: Leaf, at: number, x: number, y: number): boolean {
  const { positions, tags, vertexOf } = leaf.outlines!;
  let inside = false;
  for (let k = vertexOf[at]!; k < vertexOf[at + 1]!; k++) {
    if (tags[4 * k + 2] === 0) continue; // the end of a ring
    const [ax, ay] = [positions[2 * k]!, positions[2 * k + 1]!];
    const [bx, by] = [positions[2 * k + 2]!, positions[2 * k + 3]!];
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  }
  return inside;
}
