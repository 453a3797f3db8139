import { z } from 'zod';
import { HoverslideError } from '../errors.js';
import { fill, pixelSquares } from '../geometry/fill.js';
import { annotations } from './annotations.js';
import type { SlideFrame, TissueMask } from './mask.js';
import { outlineOf } from './mask-outline.js';

const pair = z.tuple([z.number(), z.number()]);
/** How the file begins, unless its mask was made from polygons. */
const mark = Buffer.from('{"type":"FeatureCollection","hoverslide":');

/** What the file says of itself beside its polygons: with it they give back the very mask that they were made from. */
const originSchema = z.object({
  /** Width and height of the slide in level-0 px. */
  slide: pair,
  /** Columns and rows of the mask, and level-0 px per mask pixel. */
  grid: pair,
  scale: pair,
  /** Whether the tissue was looked for; then nuclei at its edge count too. */
  found: z.boolean(),
});
const fileSchema = z.object({
  hoverslide: originSchema,
  features: z.array(z.object({ geometry: z.object({ coordinates: z.array(z.array(pair)) }) })),
});

/**
 * Returns a mask as GeoJSON for QuPath: an annotation for each piece of tissue, along the edges of the mask's pixels, cut
 * off at the slide's edge. Coordinates are level-0 px from the corner of `slide.bounds`. A mask that was made from
 * polygons gives these.
 */
export function tissueGeoJson(slide: SlideFrame, mask: TissueMask): string {
  const { width, height, scale, found = false } = mask;
  const polygons = mask.polygons ?? outlineOf(slide, mask);
  const origin: z.input<typeof originSchema> = {
    slide: [slide.width, slide.height],
    grid: [width, height],
    scale: [scale.x, scale.y],
    found,
  };
  const ours = mask.polygons ? '' : `"hoverslide":${JSON.stringify(origin)},`;
  return `{"type":"FeatureCollection",${ours}"features":${annotations('Tissue', polygons, slide.bounds)}}\n`;
}

/**
 * Reads a file of `tissueGeoJson` back to the mask that it was made from, pixel for pixel.
 * @returns undefined if it is another file, or was changed: then its polygons count as anyone's
 * @throws HoverslideError `input` if it was made for a slide of another size
 */
export function readTissueFile(source: string, bytes: Buffer, slide: SlideFrame): TissueMask | undefined {
  if (!bytes.subarray(0, mark.length).equals(mark)) return undefined;
  const text = bytes.toString('utf8');
  const file = parsed(text);
  if (!file) return undefined;
  const { slide: size, grid, scale, found } = file.hoverslide;
  if (size[0] !== slide.width || size[1] !== slide.height) {
    throw new HoverslideError(
      'input',
      `${source}: expected the tissue of a slide of ${slide.width} x ${slide.height} px, found that of one of ${size.join(' x ')} px`,
    );
  }
  const [columns, rows] = grid;
  // Back to whole mask pixels. The last ones may reach beyond the slide, where their edge was cut off.
  const { x, y } = slide.bounds;
  const column = (at: number) => (at + x >= slide.width ? columns : Math.round((at + x) / scale[0]));
  const row = (at: number) => (at + y >= slide.height ? rows : Math.round((at + y) / scale[1]));
  const data = new Uint8Array(columns * rows);
  for (const { geometry } of file.features) {
    const polygon = geometry.coordinates.map((ring) =>
      Float64Array.from(ring.flatMap(([u, v]) => [column(u), row(v)])),
    );
    fill(polygon, pixelSquares, { left: 0, top: 0, right: columns, bottom: rows }, (line, from, to) =>
      data.fill(1, line * columns + from, line * columns + to),
    );
  }
  const mask = { width: columns, height: rows, data, scale: { x: scale[0], y: scale[1] }, found };
  return tissueGeoJson(slide, mask) === text ? mask : undefined;
}

function parsed(text: string): z.output<typeof fileSchema> | undefined {
  try {
    return fileSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // damaged: the reader of polygons says how
  }
}
