import { z } from 'zod';
import { HoverslideError, errorLine } from '../errors.js';
import type { Polygon, Ring } from '../geometry/polygon.js';

const ring = z
  .array(z.tuple([z.number(), z.number()]).rest(z.number()))
  .min(3)
  .transform((vertices): Ring => Float64Array.from(vertices.flatMap(([x, y]) => [x, y])));
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
/** QuPath writes a FeatureCollection, a bare list of features, or one feature. Others write a bare geometry. */
const geoJson = z.union([
  z.object({ type: z.literal('FeatureCollection'), features }).transform((each) => each.features),
  features,
  feature,
  geometry,
]);

/** A slide by the corner of the part that QuPath shows, in level-0 px. */
export interface Framed {
  readonly bounds: { readonly x: number; readonly y: number };
}

/**
 * Reads polygons from GeoJSON in the coordinates that QuPath shows for a slide: level-0 px from the corner of
 * `slide.bounds`.
 * @returns polygons in level-0 px
 * @throws HoverslideError `input`, naming `source`
 */
export function parsePolygons(source: string, text: string, slide: Framed): Polygon[] {
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
  const { x, y } = slide.bounds;
  return parsed.data.map((rings) => rings.map((each) => each.map((c, i) => c + (i % 2 ? y : x))));
}
