import type { Polygon } from './polygon.js';

/** An upright box, in the unit of what it holds. Of pixels: those from left to right - 1, from top to bottom - 1. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Gives the least box that holds a polygon; of one without vertices, a box from Infinity to -Infinity. */
export function boxOf(polygon: Polygon): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of polygon) {
    for (let i = 0; i < ring.length; i += 2) {
      left = Math.min(left, ring[i]!);
      top = Math.min(top, ring[i + 1]!);
      right = Math.max(right, ring[i]!);
      bottom = Math.max(bottom, ring[i + 1]!);
    }
  }
  return { left, top, right, bottom };
}

/** Says whether two boxes share a point, be it on their borders. */
export function boxesTouch(a: Box, b: Box): boolean {
  return a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top;
}
