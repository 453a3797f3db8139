import type { LabelMap } from '../label-map.js';
import type { LabelSource } from './source.js';

/** The outline of one nucleus. */
export interface Polygon {
  /** Rings, x y interleaved, in px of the image; holes and further parts by the even-odd rule. */
  readonly rings: readonly Float64Array[];
  /** Class by the ids of the file's own set. */
  readonly classId: number;
}

/**
 * What the coordinates of a vertex mean.
 * `edges`: pixel x covers [x, x + 1), as in QuPath; a pixel belongs to the polygon if its centre (x + 0.5, y + 0.5) does.
 * `centres`: whole numbers are the centres of pixels and the outline runs through the outermost of them, as OpenCV's
 * findContours gives it; a pixel belongs to the polygon if its centre (x, y) lies inside or on the outline.
 */
export type Vertices = 'edges' | 'centres';

/**
 * Polygons as labels 1, 2, ... in the order given; where two share a pixel the later one has it. What lies outside the map is
 * cut off.
 */
export function polygonSource(file: string, polygons: readonly Polygon[], vertices: Vertices): LabelSource {
  const bounds = polygons.map(({ rings }) => extent(rings));
  const width = Math.max(1, ...bounds.map(({ right }) => Math.floor(right) + 1));
  const height = Math.max(1, ...bounds.map(({ bottom }) => Math.floor(bottom) + 1));
  const classes = new Map(polygons.map(({ classId }, k): [number, number] => [k + 1, classId]));
  const toMap = (mapWidth: number, mapHeight: number): LabelMap => ({
    file,
    width: mapWidth,
    height: mapHeight,
    classes,
    rows: (top, count) => {
      const labels = new Int32Array(mapWidth * count);
      polygons.forEach(({ rings }, k) => {
        if (bounds[k]!.bottom < top || bounds[k]!.top > top + count) return;
        fill(labels, mapWidth, top, k + 1, rings, vertices);
      });
      return Promise.resolve(labels);
    },
  });
  return { file, width, height, sized: false, toMap };
}

function extent(rings: readonly Float64Array[]): { top: number; right: number; bottom: number } {
  const box = { top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      box.right = Math.max(box.right, ring[i]!);
      box.top = Math.min(box.top, ring[i + 1]!);
      box.bottom = Math.max(box.bottom, ring[i + 1]!);
    }
  }
  return box;
}

function fill(
  labels: Int32Array,
  width: number,
  top: number,
  label: number,
  rings: readonly Float64Array[],
  vertices: Vertices,
): void {
  const centre = vertices === 'edges' ? 0.5 : 0;
  const bottom = top + labels.length / width;
  const box = extent(rings);
  const first = Math.max(top, Math.ceil(box.top - centre));
  const last = Math.min(bottom - 1, Math.floor(box.bottom - centre));
  for (let y = first; y <= last; y++) {
    const crossings = crossingsAt(y + centre, rings);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      // From the first centre at or right of one crossing up to, not including, the next: neighbours share no pixel.
      const from = Math.max(0, Math.ceil(crossings[k]! - centre));
      const to = Math.min(width, Math.ceil(crossings[k + 1]! - centre));
      if (from < to) labels.fill(label, (y - top) * width + from, (y - top) * width + to);
    }
  }
  if (vertices === 'centres') {
    for (const ring of rings) {
      eachPixelOn(ring, (x, y) => {
        if (x >= 0 && x < width && y >= top && y < bottom) labels[(y - top) * width + x] = label;
      });
    }
  }
}

/** Where the rings cross the horizontal line at y, ascending; a vertex on the line counts for the edge below it. */
function crossingsAt(y: number, rings: readonly Float64Array[]): number[] {
  const crossings: number[] = [];
  for (const ring of rings) {
    eachEdge(ring, (x0, y0, x1, y1) => {
      if (y0 <= y !== y1 <= y) crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    });
  }
  return crossings.sort((a, b) => a - b);
}

/** Pixels whose centre lies exactly on an edge between two vertices that are centres of pixels. */
function eachPixelOn(ring: Float64Array, visit: (x: number, y: number) => void): void {
  eachEdge(ring, (x0, y0, x1, y1) => {
    if (![x0, y0, x1, y1].every(Number.isInteger)) return;
    const steps = Math.max(1, greatestCommonDivisor(Math.abs(x1 - x0), Math.abs(y1 - y0)));
    for (let k = 0; k < steps; k++) visit(x0 + ((x1 - x0) / steps) * k, y0 + ((y1 - y0) / steps) * k);
  });
}

function eachEdge(ring: Float64Array, visit: (x0: number, y0: number, x1: number, y1: number) => void): void {
  for (let i = 0, previous = ring.length - 2; i < ring.length; previous = i, i += 2) {
    visit(ring[previous]!, ring[previous + 1]!, ring[i]!, ring[i + 1]!);
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
