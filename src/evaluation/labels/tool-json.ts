import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { errorLine, HoverslideError } from '../../errors.js';
import { type ClassSet, unclassified } from '../classes.js';
import { geojsonSource } from './geojson.js';
import { polygonSource } from './polygons.js';
import type { LabelSource } from './source.js';

const nucleus = z.object({
  contour: z.array(z.tuple([z.number(), z.number()])),
  type: z.int().nullish(),
});
const hoverNet = z.object({ nuc: z.record(z.string(), nucleus) });
const cellVit = z.object({ cells: z.array(nucleus) });

/**
 * Reads a JSON file of nuclei: HoVer-Net's (`nuc`), CellViT's (`cells`) or GeoJSON. The contours of the first two come
 * from OpenCV and run through the centres of pixels; their types are the ids of the model.
 * @throws HoverslideError `input` if it is none of these, or a class is unknown.
 */
export async function readJson(file: string, classes: ClassSet): Promise<LabelSource> {
  const json = await parse(file);
  const keys = typeof json === 'object' && json !== null ? json : {};
  if ('nuc' in keys) return contours(file, Object.values(checked(file, hoverNet, json).nuc), classes);
  if ('cells' in keys) return contours(file, checked(file, cellVit, json).cells, classes);
  if (Array.isArray(json) || 'features' in keys || 'geometry' in keys)
    return geojsonSource(file, json, classes);
  throw new HoverslideError(
    'input',
    `${file}: expected HoVer-Net's 'nuc', CellViT's 'cells' or GeoJSON features; found ${Object.keys(keys).join(', ') || typeof json}`,
  );
}

async function parse(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new HoverslideError('missing', `${file}: cannot be read; ${errorLine(error)}`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new HoverslideError('input', `${file}: expected JSON; ${errorLine(error)}`);
  }
}

function checked<T>(file: string, schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new HoverslideError('input', `${file}: expected nuclei with contours; ${path.join('.')}: ${message}`);
}

function contours(file: string, nuclei: z.infer<typeof nucleus>[], classes: ClassSet): LabelSource {
  const polygons = nuclei.map(({ contour, type }) => ({
    rings: [Float64Array.from(contour.flat())],
    classId: type == null ? unclassified : classes.byId(type, file),
  }));
  return polygonSource(file, polygons, 'centres');
}
