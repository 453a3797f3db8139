import { HoverslideError } from '../errors.js';
import { isJson, onSlide, parseOutlines, type Outlines } from './geojson.js';
import { decodeMask, laidOver, type MaskImage } from './mask-image.js';
import { maskGrid, maskOf, type SlideFrame, type TissueMask } from './mask.js';
import { readRegionBytes } from './region-bytes.js';
import { readTissueFile } from './tissue-file.js';

/** Content of a mask's file, before it is laid over a slide. */
export type MaskFile = Outlines | MaskImage;

/**
 * Reads the file of a tissue mask: GeoJSON, or an image that is nonzero where there is tissue.
 * @throws HoverslideError `missing` or `input`, for all that is wrong on any slide
 */
export async function readMaskFile(path: string): Promise<MaskFile> {
  const source = sourceOf(path);
  return parse(source, await readRegionBytes(source, path));
}

/**
 * Reads a slide's tissue mask. It is either GeoJSON polygons in the coordinates that QuPath shows for the slide (level-0
 * pixels, from the corner of `slide.bounds`), or an image with the slide's shape and any size. The tissue file of an
 * earlier run gives that run's mask, exactly.
 * @returns the mask, and what of its file was left out
 * @throws HoverslideError `missing` or `input`
 */
export async function readMask(
  path: string,
  slide: SlideFrame,
): Promise<TissueMask & Pick<Outlines, 'leftOut'>> {
  const mask = await readTissue(path, slide);
  if (!mask.data.includes(1)) {
    throw new HoverslideError(
      'input',
      `${sourceOf(path)}: expected some tissue on ${slide.path}, found none`,
    );
  }
  return mask;
}

/** Reads a slide's mask as `readMask` does, but it may hold no tissue: that is what a run may have found. */
export async function readTissue(
  path: string,
  slide: SlideFrame,
): Promise<TissueMask & Pick<Outlines, 'leftOut'>> {
  const source = sourceOf(path);
  const bytes = await readRegionBytes(source, path);
  return readTissueFile(source, bytes, slide) ?? placed(source, await parse(source, bytes), slide);
}

const sourceOf = (path: string) => `mask ${path}`;

async function parse(source: string, bytes: Buffer): Promise<MaskFile> {
  return isJson(bytes) ? parseOutlines(source, bytes) : decodeMask(source, bytes);
}

function placed(source: string, file: MaskFile, slide: SlideFrame): TissueMask & Pick<Outlines, 'leftOut'> {
  if ('data' in file) return laidOver(source, file, slide);
  const polygons = onSlide(file.polygons, slide);
  return { ...maskOf(polygons, maskGrid(slide)), polygons, leftOut: file.leftOut };
}
