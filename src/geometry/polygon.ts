/** A ring of vertices, x y interleaved. It closes by itself; the first vertex may be repeated at the end. */
export type Ring = Float64Array;

/** Rings of one polygon. Points enclosed by an odd number of rings are inside, so rings within rings are holes. */
export type Polygon = readonly Ring[];

/** Returns a ring's vertices from an origin, the first one repeated at the end. */
export function closedRing(ring: Ring, origin = { x: 0, y: 0 }): [number, number][] {
  const points = Array.from({ length: ring.length / 2 }, (_, k): [number, number] => [
    ring[2 * k]! - origin.x,
    ring[2 * k + 1]! - origin.y,
  ]);
  const [first, last] = [points[0]!, points.at(-1)!];
  if (first[0] !== last[0] || first[1] !== last[1]) points.push(first);
  return points;
}

/** Visits the edges from (x1, y1) to (x2, y2) of all rings. The first edge of each ring is the one that closes it. */
export function eachEdge(
  polygon: Polygon,
  visit: (x1: number, y1: number, x2: number, y2: number) => void,
): void {
  for (const ring of polygon) {
    for (let i = 0, previous = ring.length - 2; i < ring.length; previous = i, i += 2) {
      visit(ring[previous]!, ring[previous + 1]!, ring[i]!, ring[i + 1]!);
    }
  }
}

/**
 * Gives the x at which an edge crosses the horizontal line at y; undefined if it does not. A vertex on the line counts
 * only for the edge that continues to larger y, so a ring crosses every line an even number of times.
 */
export function crossing(x1: number, y1: number, x2: number, y2: number, y: number): number | undefined {
  return y1 <= y !== y2 <= y ? x1 + ((y - y1) / (y2 - y1)) * (x2 - x1) : undefined;
}
