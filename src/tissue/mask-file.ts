import { HoverslideError } from '../errors.js';
import type { Slide } from '../slide/slide.js';
import { isJson, onSlide, parseOutlines, type Outlines } from './geojson.js';
import { decodeMask, laidOver, type MaskImage } from './mask-image.js';
import { maskGrid, maskOf, type TissueMask } from './mask.js';
import { readRegionBytes } from './region-bytes.js';

/** Content of a mask's file, before it is laid over a slide. */
export type MaskFile = Outlines | MaskImage;

/**
 * Reads the file of a tissue mask: GeoJSON, or an image that is nonzero where there is tissue.
 * @throws HoverslideError `missing` or `input`, for all that is wrong on any slide
 */
export async function readMaskFile(path: string): Promise<MaskFile> {
  const source = `mask ${path}`;
  const bytes = await readRegionBytes(source, path);
  return isJson(bytes) ? parseOutlines(source, bytes) : decodeMask(source, bytes);
}

/**
 * Reads a slide's tissue mask. It is either GeoJSON polygons in the coordinates that QuPath shows for the slide (level-0
 * pixels, from the corner of `slide.bounds`), or an image with the slide's shape and any size.
 * @returns the mask, and what of its file was left out
 * @throws HoverslideError `missing` or `input`
 */
export async function readMask(path: string, slide: Slide): Promise<TissueMask & Pick<Outlines, 'leftOut'>> {
  const file = await readMaskFile(path);
  const mask = 'data' in file ? laidOver(`mask ${path}`, file, slide) : outlined(file, slide);
  if (!mask.data.includes(1)) {
    throw new HoverslideError('input', `mask ${path}: expected some tissue on ${slide.path}, found none`);
  }
  return mask;
}

function outlined({ polygons, leftOut }: Outlines, slide: Slide) {
  const placed = onSlide(polygons, slide);
  return { ...maskOf(placed, maskGrid(slide)), polygons: placed, leftOut };
}
