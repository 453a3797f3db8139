import type { Box } from './box.js';
import { contains } from './contains.js';
import { eachEdge, type Polygon } from './polygon.js';

/** Says whether a polygon and a box share a point: an edge reaches into the box, or the box lies inside the polygon. */
export function polygonTouches(polygon: Polygon, box: Box): boolean {
  let reaches = false;
  eachEdge(polygon, (x1, y1, x2, y2) => {
    reaches ||= edgeTouches(x1, y1, x2, y2, box);
  });
  return reaches || contains(polygon, box.left, box.top);
}

/** Says whether an edge touches a box (Liang and Barsky 1984). The border belongs to the box. */
export function edgeTouches(x1: number, y1: number, x2: number, y2: number, box: Box): boolean {
  let [from, to] = [0, 1];
  for (const [start, delta, low, high] of [
    [x1, x2 - x1, box.left, box.right],
    [y1, y2 - y1, box.top, box.bottom],
  ] as const) {
    if (delta === 0) {
      if (start < low || start > high) return false;
      continue;
    }
    const [a, b] = [(low - start) / delta, (high - start) / delta];
    from = Math.max(from, Math.min(a, b));
    to = Math.min(to, Math.max(a, b));
  }
  return from <= to;
}
