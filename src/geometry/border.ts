import { eachEdge, type Polygon } from './polygon.js';

/**
 * Visits the points with whole coordinates that lie exactly on edges between two such points. `fill` on the grid of
 * points leaves out the points of right and lower edges. But an OpenCV contour runs through pixels that all belong to
 * it.
 */
export function eachBorderPoint(polygon: Polygon, visit: (x: number, y: number) => void): void {
  eachEdge(polygon, (x1, y1, x2, y2) => {
    if (![x1, y1, x2, y2].every(Number.isInteger)) return;
    const steps = Math.max(1, greatestCommonDivisor(Math.abs(x2 - x1), Math.abs(y2 - y1)));
    for (let k = 0; k < steps; k++) visit(x1 + ((x2 - x1) / steps) * k, y1 + ((y2 - y1) / steps) * k);
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
