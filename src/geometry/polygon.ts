/** A ring of vertices, x y interleaved. It closes by itself; the first vertex may stand again at the end. */
export type Ring = Float64Array;

/** Rings of one polygon. Inside is what an odd number of them encloses: rings within rings are holes. */
export type Polygon = readonly Ring[];

/** Visits the edges from (x1, y1) to (x2, y2) of all rings; the first of each ring is the one that closes it. */
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
 * Gives the x at which an edge crosses the horizontal line at y; undefined if it does not. Half-open: a vertex on the line
 * counts for the edge with the larger y, so that a ring crosses every line an even number of times.
 */
export function crossing(x1: number, y1: number, x2: number, y2: number, y: number): number | undefined {
  return y1 <= y !== y2 <= y ? x1 + ((y - y1) / (y2 - y1)) * (x2 - x1) : undefined;
}
