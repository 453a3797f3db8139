import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { z } from 'zod';
import { HoverslideError, errorLine } from '../errors.js';
import type { Slide } from '../slide/slide.js';
import { maskGrid, type TissueMask } from './mask.js';
import { fillPolygon, type Ring } from './polygons.js';

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

const ring = z
  .array(z.tuple([z.number(), z.number()]).rest(z.number()))
  .min(3)
  .transform((vertices): Ring => vertices.map(([x, y]) => [x, y]));
const polygon = z.array(ring);
const geometry = z.discriminatedUnion('type', [
  z
    .object({ type: z.literal('Polygon'), coordinates: polygon })
    .transform(({ coordinates }) => [coordinates]),
  z
    .object({ type: z.literal('MultiPolygon'), coordinates: z.array(polygon) })
    .transform(({ coordinates }) => coordinates),
]);
const feature = z.object({ type: z.literal('Feature'), geometry }).transform((each) => each.geometry);
const features = z.array(feature).transform((list) => list.flat());
/** QuPath writes a FeatureCollection, or a bare list of features, or one feature; others write a bare geometry. */
const geoJson = z.union([
  z.object({ type: z.literal('FeatureCollection'), features }).transform((each) => each.features),
  features,
  feature,
  geometry,
]);

/**
 * Polygons of a GeoJSON text, each a list of rings.
 * @throws HoverslideError `input`, naming `source`
 */
export function parsePolygons(source: string, text: string): Ring[][] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new HoverslideError('input', `${source}: expected GeoJSON, found: ${errorLine(error)}`, {
      cause: error,
    });
  }
  const parsed = geoJson.safeParse(json);
  if (!parsed.success) {
    throw new HoverslideError(
      'input',
      `${source}: expected GeoJSON with Polygon or MultiPolygon geometries only, found others`,
    );
  }
  return parsed.data;
}

function fromGeoJson(path: string, bytes: Buffer, slide: Slide): TissueMask {
  const grid = maskGrid(slide);
  const mask = { ...grid, data: new Uint8Array(grid.width * grid.height) };
  const { x: left, y: top } = slide.bounds;
  for (const polygon of parsePolygons(`mask ${path}`, bytes.toString('utf8'))) {
    const rings = polygon.map((each) => each.map(([x, y]) => [x + left, y + top] as const));
    fillPolygon(rings, mask);
  }
  return mask;
}
