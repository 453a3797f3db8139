import { eachEdge, type Polygon } from './polygon.js';

interface Edge {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly left: number;
  readonly right: number;
}

/**
 * Finds where two edges of a polygon cross each other in a point that is an end of neither; undefined if none do. Rings may
 * touch themselves and each other.
 */
export function crossingOf(polygon: Polygon): { readonly x: number; readonly y: number } | undefined {
  const edges: Edge[] = [];
  eachEdge(polygon, (x1, y1, x2, y2) =>
    edges.push({ x1, y1, x2, y2, left: Math.min(x1, x2), right: Math.max(x1, x2) }),
  );
  edges.sort((a, b) => a.left - b.left);
  for (const [k, a] of edges.entries()) {
    for (let j = k + 1; j < edges.length && edges[j]!.left <= a.right; j++) {
      const at = cross(a, edges[j]!);
      if (at) return at;
    }
  }
  return undefined;
}

/** Returns the point in which two edges cross properly. */
function cross(a: Edge, b: Edge): { x: number; y: number } | undefined {
  if (Math.max(a.y1, a.y2) < Math.min(b.y1, b.y2) || Math.max(b.y1, b.y2) < Math.min(a.y1, a.y2))
    return undefined;
  const side = (e: Edge, x: number, y: number) => (e.x2 - e.x1) * (y - e.y1) - (e.y2 - e.y1) * (x - e.x1);
  const [p, q] = [side(a, b.x1, b.y1), side(a, b.x2, b.y2)];
  const [r, s] = [side(b, a.x1, a.y1), side(b, a.x2, a.y2)];
  if (!(p * q < 0 && r * s < 0)) return undefined;
  const share = p / (p - q);
  return { x: b.x1 + share * (b.x2 - b.x1), y: b.y1 + share * (b.y2 - b.y1) };
}
