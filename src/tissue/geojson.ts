import { HoverslideError, errorLine } from '../errors.js';
import type { Polygon, Ring } from '../geometry/polygon.js';
import { decodeText, isUtf16 } from '../text.js';

/** What a GeoJSON file outlines, in its own coordinates or in the slide's. */
export interface Outlines {
  readonly polygons: readonly Polygon[];
  /** Says what of the file has no area and was left out; undefined if nothing was. */
  readonly leftOut?: string | undefined;
}

/** Deepest nesting of collections that is followed. No tool nests them more than twice. */
const deepest = 32;
/** Largest coordinate. No slide is nearly as wide; beyond it, sums of coordinates lose pixels. */
const largest = 1e9;

/** Kinds of geometry that have no area: annotations of points, and outlines that HistoQC leaves open at the slide's edge. */
const withoutArea = ['Point', 'MultiPoint', 'LineString', 'MultiLineString'];

/** Says whether a file looks like GeoJSON, which is an object or a list. */
export function isJson(bytes: Buffer): boolean {
  return isUtf16(bytes) || /^\uFEFF?\s*[[{]/.test(bytes.toString('utf8', 0, 256));
}

/** A slide by the corner of the part that QuPath shows, in level-0 px. */
export interface Framed {
  readonly bounds: { readonly x: number; readonly y: number };
}

/**
 * Reads what GeoJSON outlines: polygons anywhere in feature collections, lists of features, features and geometries. What
 * has no area is left out and counted. By the even-odd rule, points that the rings of a polygon enclose twice lie outside,
 * also where a ring crosses itself, as in QuPath. Polygons that overlap are united.
 * @param source what errors call it
 * @throws HoverslideError `input` for anything else, naming its place, and for a file of which nothing has an area
 */
export function parseOutlines(source: string, bytes: Buffer): Outlines {
  if (!isJson(bytes)) {
    const start = printable(bytes.toString('latin1', 0, 12));
    throw new HoverslideError(
      'input',
      `${source}: expected GeoJSON, found a file that begins with '${start}'`,
    );
  }
  const text = decodeText(source, bytes, 'UTF-8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const found = printable(errorLine(error));
    throw new HoverslideError('input', `${source}: expected GeoJSON, found: ${found}`, { cause: error });
  }
  const reader = new OutlineReader(source);
  reader.read(json, '', 0);
  const leftOut = reader.leftOut;
  if (reader.polygons.length === 0) {
    throw new HoverslideError(
      'input',
      `${source}: expected GeoJSON polygons, found ${leftOut ?? 'no feature'}`,
    );
  }
  return {
    polygons: reader.polygons,
    leftOut: leftOut && `left out, since they have no area: ${leftOut}`,
  };
}

/** Moves polygons from the coordinates that QuPath shows, which count from the corner of `slide.bounds`, to level 0. */
export function onSlide(polygons: readonly Polygon[], { bounds: { x, y } }: Framed): readonly Polygon[] {
  if (x === 0 && y === 0) return polygons;
  return polygons.map((rings) => rings.map((ring) => ring.map((c, i) => c + (i % 2 ? y : x))));
}

type Json = Readonly<Record<string, unknown>>;

/** Walker over GeoJSON that gathers its polygons and counts what has no area. */
class OutlineReader {
  readonly polygons: Polygon[] = [];
  readonly #others = new Map<string, number>();

  constructor(private readonly source: string) {}

  /** What was left out, by kind: `2 LineStrings, 1 Point`. */
  get leftOut(): string | undefined {
    const counts = Array.from(this.#others, ([kind, count]) =>
      count === 1 ? `1 ${kind}` : `${count} ${kind.replace(/^\w+/, '$&s')}`,
    );
    return counts.length > 0 ? counts.sort().join(', ') : undefined;
  }

  read(value: unknown, place: string, depth: number): void {
    if (depth > deepest) this.#refuse(place, `at most ${deepest} levels of collections`, 'more');
    if (Array.isArray(value) && depth === 0) return this.#each(value, place, depth);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.#refuse(place, 'a GeoJSON object', describe(value));
    }
    const { type, features, geometry, geometries, coordinates } = value as Json;
    if (type === 'FeatureCollection') return this.#each(features, `${place}.features`, depth);
    if (type === 'GeometryCollection') return this.#each(geometries, `${place}.geometries`, depth);
    if (type === 'Feature') {
      if (geometry === null || geometry === undefined) return this.#leaveOut('Feature without geometry');
      return this.read(geometry, `${place}.geometry`, depth + 1);
    }
    const inside = `${place}.coordinates`;
    if (type === 'Polygon') return this.#polygon(coordinates, inside);
    if (type === 'MultiPolygon') {
      return this.#list(coordinates, inside).forEach((each, k) => this.#polygon(each, `${inside}[${k}]`));
    }
    if (withoutArea.includes(type as string)) return this.#leaveOut(type as string);
    this.#refuse(`${place}.type`, 'a kind of GeoJSON', describe(type));
  }

  #each(value: unknown, place: string, depth: number): void {
    this.#list(value, place).forEach((each, k) => this.read(each, `${place}[${k}]`, depth + 1));
  }

  #polygon(value: unknown, place: string): void {
    const rings = this.#list(value, place).map((ring, k) => this.#ring(ring, `${place}[${k}]`));
    if (!rings[0] || !hasArea(rings[0])) this.#leaveOut('Polygon without area');
    else this.polygons.push(rings.filter(hasArea));
  }

  #ring(value: unknown, place: string): Ring {
    const positions = this.#list(value, place);
    const ring = new Float64Array(2 * positions.length);
    positions.forEach((position, k) => {
      const [x, y] = Array.isArray(position) ? (position as unknown[]) : [];
      if (!isCoordinate(x) || !isCoordinate(y)) {
        return this.#refuse(`${place}[${k}]`, 'x and y as numbers, in level-0 pixels', describe(position));
      }
      ring[2 * k] = x;
      ring[2 * k + 1] = y;
    });
    return ring;
  }

  #list(value: unknown, place: string): readonly unknown[] {
    return Array.isArray(value) ? (value as unknown[]) : this.#refuse(place, 'a list', describe(value));
  }

  #leaveOut(kind: string): void {
    this.#others.set(kind, (this.#others.get(kind) ?? 0) + 1);
  }

  #refuse(place: string, expected: string, found: string): never {
    const where = place === '' ? '' : `${place.replace(/^\./, '')}: `;
    throw new HoverslideError('input', `${this.source}: ${where}expected ${expected}, found ${found}`);
  }
}

/** Describes a JSON value in a few words. It may be as deep and as long as its file. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string')
    return `'${printable(value.length > 40 ? `${value.slice(0, 40)}...` : value)}'`;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!Array.isArray(value)) return 'an object';
  const flat = value.length <= 4 && value.every((each) => typeof each !== 'object' || each === null);
  return flat ? `[${value.map(describe).join(', ')}]` : `a list of ${value.length}`;
}

function printable(text: string): string {
  return text.replace(/[^ -~]/g, '?');
}

function isCoordinate(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= largest;
}

/** Says whether a ring has vertices that do not all lie on one line. */
function hasArea(ring: Ring): boolean {
  const [x0, y0] = ring as unknown as [number, number];
  let [dx, dy] = [0, 0];
  for (let i = 2; i < ring.length; i += 2) {
    const [x, y] = [ring[i]! - x0, ring[i + 1]! - y0];
    if (dx === 0 && dy === 0) [dx, dy] = [x, y];
    else if (dx * y !== dy * x) return true;
  }
  return false;
}
