import { HoverslideError, errorLine } from '../errors.js';
import { boxOf } from '../geometry/box.js';
import { eachEdge, crossing, type Polygon } from '../geometry/polygon.js';
import { crossingOf } from '../geometry/simple.js';
import type { TableFacts } from '../table/context.js';
import { decodeText } from '../text.js';
import { isJson, onSlide, parseOutlines } from '../tissue/geojson.js';

/** Regions that a user has drawn on a slide, by name: polygons in level-0 px. Those of one name are one region. */
export type Regions = ReadonlyMap<string, readonly Polygon[]>;

/** Name of the region that takes the place of the one derived from nuclei. */
export const tumourRegion = 'tumour';

/** Px by which a vertex may lie beyond the slide's edge: programs round. */
const tolerance = 1;

interface GeoFeature {
  readonly geometry?: { readonly type?: unknown } | null;
  readonly properties?: {
    readonly name?: unknown;
    readonly classification?: { readonly name?: unknown } | null;
  } | null;
}

/**
 * Reads regions from GeoJSON as QuPath writes it: a region's name is its class, else its own name. `Tumor` and `tumour`, in
 * whatever case, are `tumour`. What has no area is passed over.
 * @param source what errors call it
 * @param slide in whose coordinates, as QuPath shows them, the polygons are
 * @throws HoverslideError `input` for polygons that have no name, cross themselves or leave the slide, and for other files
 */
export function parseRegions(source: string, bytes: Buffer, slide: TableFacts['slide']): Regions {
  if (!isJson(bytes)) {
    throw new HoverslideError('input', `${source}: expected GeoJSON, found another kind of file`);
  }
  let json: unknown;
  try {
    json = JSON.parse(decodeText(source, bytes, 'UTF-8'));
  } catch (cause) {
    throw new HoverslideError('input', `${source}: expected GeoJSON, found: ${errorLine(cause)}`, { cause });
  }
  const regions = new Map<string, Polygon[]>();
  for (const [k, feature] of listOf(json).entries()) {
    if (!/Polygon|Collection/.test(String(feature.geometry?.type))) continue;
    const place = `${source}: feature ${k + 1}`;
    const name = nameOf(feature);
    if (name === undefined) {
      throw new HoverslideError('input', `${place}: expected a class or a name, found neither`);
    }
    const { polygons } = parseOutlines(place, Buffer.from(JSON.stringify(feature)));
    const placed = onSlide(polygons, { bounds: slide.origin });
    for (const polygon of placed) check(`${place} ('${name}')`, polygon, slide);
    regions.set(name, [...(regions.get(name) ?? []), ...placed]);
  }
  if (regions.size === 0) {
    throw new HoverslideError('input', `${source}: expected GeoJSON polygons, found none`);
  }
  return regions;
}

function listOf(json: unknown): readonly GeoFeature[] {
  if (Array.isArray(json)) return json as GeoFeature[];
  const { features } = (json ?? {}) as { features?: unknown };
  return Array.isArray(features) ? (features as GeoFeature[]) : [json as GeoFeature];
}

function nameOf({ properties }: GeoFeature): string | undefined {
  const given = [properties?.classification?.name, properties?.name].find(
    (name): name is string => typeof name === 'string' && name.trim() !== '',
  );
  const name = given?.trim();
  return name !== undefined && /^tumou?r$/i.test(name) ? tumourRegion : name;
}

function check(place: string, polygon: Polygon, { width, height }: TableFacts['slide']): void {
  const { left, top, right, bottom } = boxOf(polygon);
  if (left < -tolerance || top < -tolerance || right > width + tolerance || bottom > height + tolerance) {
    const found = `x ${Math.floor(left)} to ${Math.ceil(right)}, y ${Math.floor(top)} to ${Math.ceil(bottom)}`;
    throw new HoverslideError(
      'input',
      `${place}: expected coordinates in level-0 px on the slide of ${width} x ${height} px, found ${found}`,
    );
  }
  const at = crossingOf(polygon);
  if (at) {
    const where = `${Math.round(at.x)}, ${Math.round(at.y)}`;
    throw new HoverslideError(
      'input',
      `${place}: expected a polygon that does not cross itself, found one that does at ${where} (level-0 px)`,
    );
  }
}

/** Number of horizontal strips that edges of a polygon are sorted into. */
const strips = 512;

/** Polygons of a region, made ready for many questions whether a point lies inside. */
export class RegionFinder {
  readonly #polygons;

  constructor(polygons: readonly Polygon[]) {
    this.#polygons = polygons.map((polygon) => {
      const box = boxOf(polygon);
      const height = Math.max((box.bottom - box.top) / strips, Number.MIN_VALUE);
      const edges = Array.from({ length: strips }, (): number[] => []);
      const strip = (y: number) => Math.min(strips - 1, Math.max(0, Math.floor((y - box.top) / height)));
      eachEdge(polygon, (x1, y1, x2, y2) => {
        for (let s = strip(Math.min(y1, y2)); s <= strip(Math.max(y1, y2)); s++)
          edges[s]!.push(x1, y1, x2, y2);
      });
      return { box, edges, strip };
    });
  }

  /** Says whether a point lies in one of the polygons, by the even-odd rule within each (geometry/contains.ts). */
  has(x: number, y: number): boolean {
    return this.#polygons.some(({ box, edges, strip }) => {
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) return false;
      const near = edges[strip(y)]!;
      let inside = false;
      for (let k = 0; k < near.length; k += 4) {
        const at = crossing(near[k]!, near[k + 1]!, near[k + 2]!, near[k + 3]!, y);
        if (at !== undefined && x < at) inside = !inside;
      }
      return inside;
    });
  }
}
