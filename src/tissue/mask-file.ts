import { readFile } from 'node:fs/promises';
import { HoverslideError, errorLine } from '../errors.js';
import type { Slide } from '../slide/slide.js';
import { parsePolygons } from './geojson.js';
import { maskFromImage } from './mask-image.js';
import { maskGrid, maskOf, type TissueMask } from './mask.js';
import { readTissueFile } from './tissue-file.js';

/**
 * Reads a tissue mask. It is either GeoJSON polygons in the coordinates that QuPath shows for the slide (level-0
 * pixels, from the corner of `slide.bounds`), or an image with the slide's shape and any size, nonzero where there is
 * tissue. The tissue file of an earlier run gives that run's mask, exactly.
 * @throws HoverslideError `missing` or `input`
 */
export async function readMask(path: string, slide: Slide): Promise<TissueMask> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new HoverslideError('missing', `mask ${path}: cannot be read: ${errorLine(error)}`, {
      cause: error,
    });
  }
  const mask = isJson(bytes) ? fromGeoJson(path, bytes, slide) : await maskFromImage(path, bytes, slide);
  if (!mask.data.includes(1)) {
    throw new HoverslideError('input', `mask ${path}: expected some tissue on ${slide.path}, found none`);
  }
  return mask;
}

/** Returns whether a file looks like GeoJSON, which is an object or a list. */
function isJson(bytes: Buffer): boolean {
  return /^\uFEFF?\s*[[{]/.test(bytes.toString('utf8', 0, 256));
}

function fromGeoJson(path: string, bytes: Buffer, slide: Slide): TissueMask {
  const text = bytes.toString('utf8');
  const ours = readTissueFile(`mask ${path}`, text, slide);
  if (ours) return ours;
  const polygons = parsePolygons(`mask ${path}`, text, slide);
  return { ...maskOf(polygons, maskGrid(slide)), polygons };
}
