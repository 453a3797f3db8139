import { closedRing, type Polygon } from '../geometry/polygon.js';

/**
 * Returns polygons as the features of a GeoJSON collection: one QuPath annotation for each, a line each.
 * @param polygons in level-0 px
 * @param origin corner of what QuPath shows, from which its coordinates count
 */
export function annotations(
  name: string,
  polygons: readonly Polygon[],
  origin: { readonly x: number; readonly y: number },
): string {
  const features = polygons.map((polygon) => {
    const coordinates = polygon.map((ring) => closedRing(ring, origin));
    const geometry = { type: 'Polygon', coordinates };
    return JSON.stringify({ type: 'Feature', geometry, properties: { objectType: 'annotation', name } });
  });
  return `[\n${features.join(',\n')}\n]`;
}
