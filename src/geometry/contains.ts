import { crossing, eachEdge, type Polygon } from './polygon.js';

/**
 * Says whether a point lies in a polygon by the even-odd rule. On the border, left and upper edges are inside, right
 * and lower ones outside. So of polygons side by side exactly one has the point (on slanted edges up to rounding).
 */
export function contains(polygon: Polygon, x: number, y: number): boolean {
  let inside = false;
  eachEdge(polygon, (x1, y1, x2, y2) => {
    const at = crossing(x1, y1, x2, y2, y);
    if (at !== undefined && x < at) inside = !inside;
  });
  return inside;
}
