import { join } from 'node:path';
import { NucleusTable } from '../src/table/read.js';

export interface SeamFigures {
  readonly nuclei: number;
  /** Nuclei with a pixel that another nucleus has too, and the number of such pixels. */
  readonly overlapping: number;
  readonly sharedPixels: number;
  /** Nuclei whose centroid lies within `distance` of a line, per area, over those elsewhere. */
  readonly densityRatio: number;
  /** How many standard deviations of a random count the number near lines is off. */
  readonly deviations: number;
  /** Edges of bounding boxes that lie on a line, over the number that chance would put there. */
  readonly edgesOnLines: number;
}

/**
 * What a table shows of the lines along which its slide was worked on: overlaps anywhere, and more or fewer nuclei near
 * lines than elsewhere, or nuclei that end at them.
 * @param slide size in model px
 * @param scale level-0 px per model px
 * @param period px between lines; @param distance px that count as near a line, both in model px
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
      const box = boxOf(rings[0]!);
      edges += box.filter((edge) => edge > 0 && edge % period === 0).length;
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

type Box = readonly [x0: number, y0: number, x1: number, y1: number];

function boxOf(ring: Float64Array): Box {
  const [xs, ys] = [0, 1].map((axis) => ring.filter((_, index) => index % 2 === axis)) as [
    Float64Array,
    Float64Array,
  ];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Marks the pixels within rings that follow pixel edges; gives how many were marked before. */
function paint(
  rings: readonly Float64Array[],
  [x0, y0, x1, y1]: Box,
  taken: Uint8Array,
  width: number,
): number {
  const columns = x1 - x0 + 1;
  const flips = new Uint8Array(columns * (y1 - y0));
  for (const ring of rings) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [x, ya, yb] = [ring[i]!, ring[i + 1]!, ring[i + 3]!];
      if (ring[i + 2] !== x) continue;
      for (let y = Math.min(ya, yb); y < Math.max(ya, yb); y++) flips[(y - y0) * columns + x - x0]! ^= 1;
    }
  }
  let shared = 0;
  for (let y = y0; y < y1; y++) {
    let inside = 0;
    for (let x = x0; x < x1; x++) {
      inside ^= flips[(y - y0) * columns + x - x0]!;
      if (inside === 0) continue;
      shared += taken[y * width + x]!;
      taken[y * width + x] = 1;
    }
  }
  return shared;
}
