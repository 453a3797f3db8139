import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { HoverslideError, errorLine } from '../errors.js';
import type { Slide } from '../slide/slide.js';
import { parsePolygons } from './geojson.js';
import { maskGrid, maskOf, type TissueMask } from './mask.js';

/**
 * Reads a tissue mask: GeoJSON polygons in the coordinates QuPath shows for the slide (level-0 pixels, from the corner
 * of `slide.bounds`), or a PNG of any size, stretched over the whole slide, nonzero where there is tissue.
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
  const mask =
    bytes.subarray(1, 4).toString('latin1') === 'PNG'
      ? await fromPng(path, bytes, slide)
      : fromGeoJson(path, bytes, slide);
  if (!mask.data.includes(1)) {
    throw new HoverslideError('input', `mask ${path}: expected some tissue on ${slide.path}, found none`);
  }
  return mask;
}

async function fromPng(path: string, bytes: Buffer, slide: Slide): Promise<TissueMask> {
  try {
    // grey of 16 bits, so that no value is rounded to zero; transparent pixels are zero
    const { data: raw, info } = await sharp(bytes, { ignoreIcc: true })
      .flatten({ background: '#000000' })
      .toColourspace('grey16')
      .raw({ depth: 'ushort' })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const grey = new Uint16Array(raw.buffer, raw.byteOffset, width * height);
    const data = Uint8Array.from(grey, (value) => (value > 0 ? 1 : 0));
    return { width, height, data, scale: { x: slide.width / width, y: slide.height / height } };
  } catch (error) {
    throw new HoverslideError('input', `mask ${path}: expected a PNG, found: ${errorLine(error)}`, {
      cause: error,
    });
  }
}

function fromGeoJson(path: string, bytes: Buffer, slide: Slide): TissueMask {
  return maskOf(parsePolygons(`mask ${path}`, bytes.toString('utf8'), slide), maskGrid(slide));
}
