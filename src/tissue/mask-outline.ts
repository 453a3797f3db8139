import type { Polygon } from '../geometry/polygon.js';
import { addon } from '../native.js';
import type { TissueMask } from './mask.js';

/** Traces the edges of a mask's pixels, in level-0 px; what lies beyond the edge of the slide, of this size, is cut off. */
export function outlineOf(
  slide: { readonly width: number; readonly height: number },
  { width, height, data, scale }: TissueMask,
): Polygon[] {
  const { vertices, ringStart, polygonRing } = addon().outlineMask(data, width, height);
  const edge = (at: number, cells: number, step: number, size: number) =>
    at === cells ? size : Math.min(at * step, size);
  const ring = (k: number) =>
    Float64Array.from(vertices.subarray(2 * ringStart[k]!, 2 * ringStart[k + 1]!), (at, i) =>
      i % 2 === 0 ? edge(at, width, scale.x, slide.width) : edge(at, height, scale.y, slide.height),
    );
  return Array.from({ length: polygonRing.length - 1 }, (_, p) =>
    Array.from({ length: polygonRing[p + 1]! - polygonRing[p]! }, (__, k) => ring(polygonRing[p]! + k)),
  );
}
