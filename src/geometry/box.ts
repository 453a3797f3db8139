import type { Polygon } from './polygon.js';

/**
 * An upright box, in the unit of its contents. A box of pixels holds those from left to right - 1 and from top to
 * bottom - 1.
 */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Gives the smallest box that holds a polygon. For a polygon without vertices it runs from Infinity to -Infinity. */
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

/** Says whether two boxes share a point. Their borders count. */
export function boxesTouch(a: Box, b: Box): boolean {
  return a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top;
}

/** Grows a box by the same length on every side. */
export function grown({ left, top, right, bottom }: Box, by: number): Box {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by };
}

/** Gives the least box that holds two boxes. */
export function hullOf(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

/** Says whether no part of box `a` lies outside box `b`. */
export function isWithin(a: Box, b: Box): boolean {
  return a.left >= b.left && a.top >= b.top && a.right <= b.right && a.bottom <= b.bottom;
}
