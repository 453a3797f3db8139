import { z } from 'zod';
import { HoverslideError } from '../../errors.js';
import { type ClassSet, unclassified } from '../classes.js';
import { type LabelledPolygon, polygonSource } from './polygons.js';
import type { LabelSource } from './source.js';

const ring = z.array(z.array(z.number()).min(2)).min(1);
const geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), coordinates: z.array(ring).min(1) }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(ring).min(1)) }),
]);
const feature = z.object({
  geometry,
  /** Outline of the nucleus in QuPath's cells, which keep the outline of the cell in `geometry`. */
  nucleusGeometry: geometry.nullish(),
  properties: z
    .object({
      classification: z
        .object({ name: z.string().nullish(), names: z.array(z.string()).nullish() })
        .nullish(),
    })
    .nullish(),
});
const featureList = z.array(feature);

/**
 * Reads nuclei from GeoJSON, as QuPath, CellViT and hoverslide export it and PUMA's annotations have it. Takes a
 * FeatureCollection, a list of features, or one feature. Each polygon is a nucleus, also each one of a MultiPolygon.
 * @throws HoverslideError `input` if there is anything else, or a class that the set does not have.
 */
export function geojsonSource(file: string, json: unknown, classes: ClassSet): LabelSource {
  const list = Array.isArray(json) ? json : ((json as { features?: unknown }).features ?? [json]);
  const features = featureList.safeParse(list);
  if (!features.success) {
    const { path, message } = features.error.issues[0]!;
    throw new HoverslideError(
      'input',
      `${file}: expected GeoJSON polygons; feature ${path.join('.')}: ${message}`,
    );
  }
  const polygons = features.data.flatMap(({ geometry, nucleusGeometry, properties }): LabelledPolygon[] => {
    const { name, names } = properties?.classification ?? {};
    const className = name ?? names?.[0];
    const classId = className == null ? unclassified : classes.byName(className, file);
    const { type, coordinates } = nucleusGeometry ?? geometry;
    const parts = type === 'Polygon' ? [coordinates] : coordinates;
    return parts.map((rings) => ({ classId, rings: rings.map(interleaved) }));
  });
  return polygonSource(file, polygons, 'edges');
}

function interleaved(points: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(points.flatMap(([x, y]) => [x!, y!]));
}
