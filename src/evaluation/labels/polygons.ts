import { eachBorderPoint } from '../../geometry/border.js';
import { boxOf } from '../../geometry/box.js';
import { fill, pixelPoints, pixelSquares } from '../../geometry/fill.js';
import type { Polygon } from '../../geometry/polygon.js';
import type { LabelMap } from '../label-map.js';
import type { LabelSource } from './source.js';

/** The outline of one nucleus. */
export interface LabelledPolygon {
  /** Rings in px of the image. They may also be further parts of the nucleus. */
  readonly rings: Polygon;
  /** Class id of the file's own set. */
  readonly classId: number;
}

/**
 * What the coordinates of a vertex mean.
 * `edges`: pixel x covers [x, x + 1), as in QuPath. A pixel belongs to the polygon if its centre (x + 0.5, y + 0.5)
 * does.
 * `centres`: whole numbers are the centres of pixels, and the outline runs through the outermost pixels, as in OpenCV's
 * findContours. A pixel belongs to the polygon if its centre (x, y) lies inside or on the outline. HoVer-Net and
 * CellViT write such contours. Filled as `edges`, they would lose the pixels that they run through.
 */
export type Vertices = 'edges' | 'centres';

/**
 * Turns polygons into labels 1, 2, ... in the order given. If two share a pixel, the later one gets it. Parts outside
 * the map are cut off.
 */
export function polygonSource(
  file: string,
  polygons: readonly LabelledPolygon[],
  vertices: Vertices,
): LabelSource {
  const bounds = polygons.map(({ rings }) => boxOf(rings));
  const width = Math.max(1, ...bounds.map(({ right }) => Math.floor(right) + 1));
  const height = Math.max(1, ...bounds.map(({ bottom }) => Math.floor(bottom) + 1));
  const classes = new Map(polygons.map(({ classId }, k): [number, number] => [k + 1, classId]));
  const toMap = (mapWidth: number, mapHeight: number): LabelMap => ({
    file,
    width: mapWidth,
    height: mapHeight,
    classes,
    rows: (top, count) => {
      const labels = new Int32Array(mapWidth * count);
      polygons.forEach(({ rings }, k) => {
        if (bounds[k]!.bottom < top || bounds[k]!.top > top + count) return;
        paint(labels, mapWidth, top, k + 1, rings, vertices);
      });
      return Promise.resolve(labels);
    },
  });
  return { file, width, height, sized: false, toMap };
}

function paint(
  labels: Int32Array,
  width: number,
  top: number,
  label: number,
  rings: Polygon,
  vertices: Vertices,
): void {
  const bottom = top + labels.length / width;
  const strip = { left: 0, top, right: width, bottom };
  fill(rings, vertices === 'edges' ? pixelSquares : pixelPoints, strip, (y, from, to) =>
    labels.fill(label, (y - top) * width + from, (y - top) * width + to),
  );
  if (vertices === 'edges') return;
  eachBorderPoint(rings, (x, y) => {
    if (x >= 0 && x < width && y >= top && y < bottom) labels[(y - top) * width + x] = label;
  });
}
