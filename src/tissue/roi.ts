import { readFile } from 'node:fs/promises';
import { HoverslideError, errorLine } from '../errors.js';
import type { Slide } from '../slide/slide.js';
import type { Lattice } from './lattice.js';
import type { TissueMask } from './mask.js';
import { parsePolygons } from './mask-file.js';
import type { Ring } from './polygons.js';
import { parseRegion } from './region-text.js';

/** Region of interest: polygons in level-0 px, each a list of rings. */
export type Roi = readonly (readonly Ring[])[];

/**
 * Model px around a region within which patches run. A blob is whole up to 2,048 px, and a window of one that is cut
 * reaches 1,546 px beyond its core: what lies in the region comes out as it does when the whole slide runs.
 */
const roiMargin = 2304;

/**
 * Reads a region of interest.
 * @param text `x,y,w,h` in level-0 px, or a GeoJSON file in the coordinates that QuPath shows for the slide
 * @throws HoverslideError `usage`, `missing` or `input`
 */
export async function readRoi(text: string, slide: Slide): Promise<Roi> {
  const region = parseRegion(text);
  if ('file' in region) return readRegionFile(region.file, slide);
  const { x, y, width, height } = region;
  return [
    [
      [
        [x, y],
        [x + width, y],
        [x + width, y + height],
        [x, y + height],
      ],
    ],
  ];
}

async function readRegionFile(path: string, slide: Slide): Promise<Roi> {
  let json: string;
  try {
    json = await readFile(path, 'utf8');
  } catch (error) {
    throw new HoverslideError('missing', `region ${path}: cannot be read: ${errorLine(error)}`, {
      cause: error,
    });
  }
  const { x: left, y: top } = slide.bounds;
  const polygons = parsePolygons(`region ${path}`, json);
  return polygons.map((rings) => rings.map((ring) => ring.map(([x, y]) => [x + left, y + top] as const)));
}

/** Whether a point in level-0 px lies inside, by the even-odd rule within each polygon. */
export function isInside(roi: Roi, x: number, y: number): boolean {
  return roi.some((rings) => {
    let inside = false;
    for (const [[x1, y1], [x2, y2]] of rings.flatMap(edges)) {
      if (y1 <= y !== y2 <= y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
    }
    return inside;
  });
}

/** The patches of a run that nuclei inside the region may depend on, in the same order. */
export function patchesNear(roi: Roi, run: Uint32Array, { stride, space }: Lattice): Uint32Array {
  const boxes = roi.map((rings) => boxOf(rings.flat()));
  const near = (i: number, j: number) => {
    const left = space.toLevel0(i * stride - roiMargin);
    const top = space.toLevel0(j * stride - roiMargin);
    const side = space.toLevel0(stride + 2 * roiMargin);
    return roi.some(
      (rings, k) => touches(boxes[k]!, left, top, side) && polygonTouches(rings, left, top, side),
    );
  };
  const kept: number[] = [];
  for (let k = 0; k < run.length; k += 2) {
    if (near(run[k]!, run[k + 1]!)) kept.push(run[k]!, run[k + 1]!);
  }
  return Uint32Array.from(kept);
}

/** The part of a mask whose pixel centres lie inside. */
export function maskWithin(roi: Roi, mask: TissueMask): TissueMask {
  const { width, scale } = mask;
  const data = mask.data.map((tissue, k) =>
    tissue && isInside(roi, ((k % width) + 0.5) * scale.x, (Math.floor(k / width) + 0.5) * scale.y) ? 1 : 0,
  );
  return { ...mask, data };
}

type Point = Ring[number];
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function edges(ring: Ring): [Point, Point][] {
  return ring.map((point, k) => [point, ring[(k + 1) % ring.length]!]);
}

function boxOf(points: readonly Point[]): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const [x, y] of points) {
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

function touches(box: Box, left: number, top: number, side: number): boolean {
  return box.left <= left + side && box.right >= left && box.top <= top + side && box.bottom >= top;
}

/** Whether a polygon and a square share a point: an edge crosses the square, or the square lies inside. */
function polygonTouches(rings: readonly Ring[], left: number, top: number, side: number): boolean {
  return (
    rings.flatMap(edges).some((edge) => edgeTouches(edge, left, top, side)) || isInside([rings], left, top)
  );
}

/** Liang and Barsky's clipping: the part of the edge within the square is not empty. */
function edgeTouches([[x1, y1], [x2, y2]]: [Point, Point], left: number, top: number, side: number): boolean {
  let [from, to] = [0, 1];
  for (const [start, delta, low] of [
    [x1, x2 - x1, left],
    [y1, y2 - y1, top],
  ] as const) {
    if (delta === 0) {
      if (start < low || start > low + side) return false;
      continue;
    }
    const [a, b] = [(low - start) / delta, (low + side - start) / delta];
    from = Math.max(from, Math.min(a, b));
    to = Math.min(to, Math.max(a, b));
  }
  return from <= to;
}
