import { readFile } from 'node:fs/promises';
import { HoverslideError, errorLine } from '../errors.js';
import { boxesTouch, boxOf } from '../geometry/box.js';
import { polygonTouches } from '../geometry/clip.js';
import { contains } from '../geometry/contains.js';
import type { Polygon } from '../geometry/polygon.js';
import type { Lattice } from './lattice.js';
import { parsePolygons, type Framed } from './geojson.js';
import { parseRegion } from './region-text.js';

/** Region of interest: polygons in level-0 px. */
export type Roi = readonly Polygon[];

/**
 * Model px around a region within which patches run. A blob is whole up to 2,048 px, and a window of a cut one reaches
 * 1,546 px beyond its core. So nuclei in the region come out as they do when the whole slide runs.
 */
const roiMargin = 2304;

/**
 * Reads a region of interest.
 * @param text `x,y,w,h` in level-0 px, or a GeoJSON file in the coordinates that QuPath shows for the slide
 * @throws HoverslideError `usage`, `missing` or `input`
 */
export async function readRoi(text: string, slide: Framed): Promise<Roi> {
  const region = parseRegion(text);
  if ('file' in region) return readRegionFile(region.file, slide);
  const { x, y, width, height } = region;
  return [[Float64Array.of(x, y, x + width, y, x + width, y + height, x, y + height)]];
}

async function readRegionFile(path: string, slide: Framed): Promise<Roi> {
  let json: string;
  try {
    json = await readFile(path, 'utf8');
  } catch (error) {
    throw new HoverslideError('missing', `region ${path}: cannot be read: ${errorLine(error)}`, {
      cause: error,
    });
  }
  return parsePolygons(`region ${path}`, json, slide);
}

/** Returns whether a point in level-0 px lies inside, by the even-odd rule within each polygon. */
export function isInside(roi: Roi, x: number, y: number): boolean {
  return roi.some((polygon) => contains(polygon, x, y));
}

/** Returns the patches of a run on which nuclei inside the region may depend, in the same order. */
export function patchesNear(roi: Roi, run: Uint32Array, { stride, space }: Lattice): Uint32Array {
  const boxes = roi.map(boxOf);
  const side = space.toLevel0(stride + 2 * roiMargin);
  const near = (i: number, j: number) => {
    const left = space.toLevel0(i * stride - roiMargin);
    const top = space.toLevel0(j * stride - roiMargin);
    const square = { left, top, right: left + side, bottom: top + side };
    return roi.some((polygon, k) => boxesTouch(boxes[k]!, square) && polygonTouches(polygon, square));
  };
  const kept: number[] = [];
  for (let k = 0; k < run.length; k += 2) {
    if (near(run[k]!, run[k + 1]!)) kept.push(run[k]!, run[k + 1]!);
  }
  return Uint32Array.from(kept);
}
