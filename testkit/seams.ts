import { join } from 'node:path';
import { type Box, boxOf } from '../src/geometry/box.js';
import { fill, pixelSquares } from '../src/geometry/fill.js';
import type { Polygon } from '../src/geometry/polygon.js';
import { NucleusTable } from '../src/table/read.js';

export interface SeamFigures {
  readonly nuclei: number;
  /** Number of nuclei with a pixel that another nucleus has too, and number of such pixels. */
  readonly overlapping: number;
  readonly sharedPixels: number;
  /** Density of nuclei whose centroid lies within `distance` of a line, divided by the density elsewhere. */
  readonly densityRatio: number;
  /** By how many standard deviations of a random count the number of nuclei near lines is off. */
  readonly deviations: number;
  /** Number of bounding box edges that lie on a line, divided by the number that chance would put there. */
  readonly edgesOnLines: number;
}

/**
 * Measures traces in a table of the lines along which its slide was worked on: overlaps anywhere, more or fewer nuclei
 * near lines than elsewhere, and nuclei that end at lines.
 * @param slide size in model px
 * @param scale level-0 px per model px
 * @param period px between lines, in model px
 * @param distance px that count as near a line, in model px
 */
export async function seamFigures(
  folder: string,
  slide: { width: number; height: number },
  scale = 1,
  period = 192,
  distance = 20,
): Promise<SeamFigures> {
  const taken = new Uint8Array(slide.width * slide.height);
  const figures = { nuclei: 0, overlapping: 0, sharedPixels: 0 };
  let near = 0;
  let edges = 0;
  const table = await NucleusTable.open(join(folder, 'nuclei.parquet'));
  const toLine = (x: number) => Math.abs(x - period * Math.round(x / period));
  for await (const rows of table.rowGroups(['centroid_x_px', 'centroid_y_px', 'outline'])) {
    for (let k = 0; k < rows.count; k++) {
      figures.nuclei++;
      const [x, y] = [rows.centroid_x_px[k]! / scale, rows.centroid_y_px[k]! / scale];
      if (Math.min(toLine(x), toLine(y)) < distance) near++;
      const rings = rows.outline[k]!.map((ring) => ring.map((value) => Math.round(value / scale)));
      const box = boxOf(rings);
      edges += Object.values(box).filter((edge) => edge > 0 && edge % period === 0).length;
      const shared = paint(rings, box, taken, slide.width);
      figures.sharedPixels += shared;
      if (shared > 0) figures.overlapping++;
    }
  }
  const share = 1 - (1 - (2 * distance) / period) ** 2;
  const { nuclei } = figures;
  return {
    ...figures,
    densityRatio: near / share / ((nuclei - near) / (1 - share)),
    deviations: (near - nuclei * share) / Math.sqrt(nuclei * share * (1 - share)),
    edgesOnLines: edges / ((4 * nuclei) / period),
  };
}

/** Marks the pixels within a polygon. Returns how many of them were marked before. */
function paint(polygon: Polygon, within: Box, taken: Uint8Array, width: number): number {
  let shared = 0;
  fill(polygon, pixelSquares, within, (y, from, to) => {
    const run = taken.subarray(y * width + from, y * width + to);
    shared += run.reduce((sum, one) => sum + one, 0);
    run.fill(1);
  });
  return shared;
}
