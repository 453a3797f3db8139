import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { areThere, isThere } from '../../src/files.js';
import { closedRing, type Polygon } from '../../src/geometry/polygon.js';
import { onSlide, parseOutlines } from '../../src/tissue/geojson.js';
import { readRoi } from '../../src/tissue/roi.js';
import type { SlideView } from '../../src/view/messages.js';
import type { ListedSlide } from './cohort-list.js';
import { json, notFound, Refusal, type Reply } from './reply.js';
import type { SlideFacts } from './slide-facts.js';

type Layer = SlideView['layers'][number];

const tissue: Layer = { name: 'tissue', title: 'Tissue', color: '#141414' };
const tumour: Layer = { name: 'tumour', title: 'Tumour region', color: '#cc79a7' };
const region: Layer = { name: 'region', title: 'Region of interest', color: '#d55e00' };

/** Returns the layers that a slide has. Their places on the slide are known from its table. */
export async function layersOf({ folder }: ListedSlide, { record, table }: SlideFacts): Promise<Layer[]> {
  if (!record || 'missing' in table) return [];
  return [
    ...((await isThere(folder.tissue)) ? [tissue] : []),
    ...((await areThere([folder.tumour, folder.features])) ? [tumour] : []),
    ...(record.options.roi === undefined ? [] : [region]),
  ];
}

/**
 * Returns a layer as GeoJSON polygons in level-0 px.
 * @throws Refusal if the slide has none of that name; HoverslideError where it cannot be read
 */
export async function layer(slide: ListedSlide, facts: SlideFacts, name: string): Promise<Reply> {
  const has = (await layersOf(slide, facts)).some((one) => one.name === name);
  if (!has || 'missing' in facts.table) throw notFound('layer');
  const bounds = facts.table.facts.slide.origin;
  if (name === region.name) {
    const roi = await readRoi(facts.record!.options.roi!, { bounds }).catch(() => {
      throw new Refusal(404, 'the file of the region of interest is not there any more, or another one');
    });
    return geoJson(roi.polygons);
  }
  const path = name === tumour.name ? slide.folder.tumour : slide.folder.tissue;
  const bytes = await readOwn(path);
  const { features } = JSON.parse(bytes.toString('utf8')) as { features?: unknown[] };
  if (features?.length === 0) return geoJson([]); // none was found
  return geoJson(onSlide(parseOutlines(basename(path), bytes).polygons, { bounds }));
}

/** Reads a file of a slide's folder, not one that a link there leads to. */
export async function readOwn(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => {
    throw notFound('file');
  });
  return file.readFile().finally(() => file.close());
}

function geoJson(polygons: readonly Polygon[]): Reply {
  const features = polygons.map((rings) => ({
    type: 'Feature',
    properties: {},
    geometry: { type: 'Polygon', coordinates: rings.map((ring) => closedRing(ring)) },
  }));
  return json({ type: 'FeatureCollection', features });
}
