import type { Role } from '../src/context/roles.js';
import type { TissueGrid } from '../src/context/tissue-grid.js';
import { tissueGrid } from '../src/context/tissue-grid.js';
import type { TableFacts } from '../src/table/context.js';
import { openTable } from '../src/table/open.js';
import type { Rows } from '../src/table/rows.js';

interface RoleClass {
  readonly id: number;
  readonly name: string;
  readonly color: [number, number, number];
  readonly role?: Role;
}

/** Classes of the generated nuclei, one for most roles. */
export const generatedClasses: readonly RoleClass[] = [
  { id: 0, name: 'unclassified', color: [128, 128, 128] },
  { id: 1, name: 'neoplastic', color: [230, 60, 40], role: 'tumour' },
  { id: 2, name: 'inflammatory', color: [60, 160, 60], role: 'immune' },
  { id: 3, name: 'connective', color: [60, 60, 200], role: 'stromal' },
  { id: 4, name: 'dead', color: [200, 200, 60], role: 'dead' },
  { id: 5, name: 'epithelial', color: [200, 60, 200], role: 'epithelial' },
];

const mpp = 0.25;
/** Nuclei per mm2 of the generated tissue, which covers the slide. */
const density = 5000;
/** Nuclei come in squares of this side, in um, one after the other, as those of a slide come patch by patch. */
const square = 1280;

/** The size of a slide with so many nuclei. */
export function generatedSlide(count: number) {
  const side = Math.ceil(Math.sqrt(count / density) * (1000 / mpp));
  return { width: side, height: side, mpp };
}

/** The tissue of such a slide: all of it. */
export function generatedTissue(count: number): TissueGrid {
  const size = generatedSlide(count);
  const [width, height] = [Math.ceil(size.width / 32), Math.ceil(size.height / 32)];
  const data = new Uint8Array(width * height).fill(1);
  return tissueGrid({ width, height, data, scale: { x: 32, y: 32 } }, size);
}

/**
 * Writes a table of generated nuclei: uniformly scattered, in a wavy pattern of nests of tumour within stroma, with immune
 * nuclei among both. Not tissue: it has the size and density of a slide's nuclei, nothing else.
 */
export async function writeGeneratedTable(path: string, count: number): Promise<void> {
  const { width, height } = generatedSlide(count);
  const facts: TableFacts = {
    slide: {
      id: `generated-${count}`,
      hash: 'a'.repeat(64),
      width,
      height,
      mpp,
      mpp_source: 'generated',
      origin: { x: 0, y: 0 },
    },
    model: { name: 'generated', version: '1', sha256: 'b'.repeat(64), licence: 'CC0' },
    version: '1.0.0',
    classes: generatedClasses,
  };
  const table = await openTable('parquet', path, facts);
  const sideUm = width * mpp;
  const across = Math.ceil(sideUm / square);
  const random = generator(1);
  let done = 0;
  for (let k = 0; k < across ** 2; k++) {
    const [left, top] = [(k % across) * square, Math.floor(k / across) * square];
    const [w, h] = [Math.min(square, sideUm - left), Math.min(square, sideUm - top)];
    const last = k === across ** 2 - 1;
    const here = last ? count - done : Math.min(count - done, Math.round((w * h * density) / 1e6));
    await table.write(rowsIn(here, { left, top, w, h }, done, random));
    done += here;
  }
  await table.close();
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly w: number;
  readonly h: number;
}

function rowsIn(count: number, { left, top, w, h }: Place, first: number, random: () => number): Rows {
  const x = Float64Array.from({ length: count }, () => left + random() * w);
  const y = Float64Array.from({ length: count }, () => top + random() * h);
  const float32 = (low: number, high: number) =>
    Float32Array.from({ length: count }, () => low + random() * (high - low));
  const px = (values: Float64Array, by: number) => values.map((value) => value / mpp + by);
  const outlines = outlinesAround(px(x, 0), px(y, 0), first);
  return {
    count,
    id: Array.from({ length: count }, (_, k) => (first + k).toString(16).padStart(36, '0')),
    centroid_x_px: px(x, 0),
    centroid_y_px: px(y, 0),
    centroid_x_um: x,
    centroid_y_um: y,
    class: Array.from(x, (at, k) => classAt(at, y[k]!, random())),
    class_share: float32(0.4, 1),
    nuclear_probability: float32(0.6, 1),
    quality: Array.from({ length: count }, () => (random() < 0.05 ? 'faint' : 'ok')),
    area_um2: float32(15, 90),
    perimeter_um: float32(14, 40),
    major_axis_um: float32(5, 14),
    minor_axis_um: float32(4, 9),
    eccentricity: float32(0.2, 0.95),
    solidity: float32(0.85, 1),
    circularity: float32(0.5, 1),
    orientation_rad: float32(-1.57, 1.57),
    hematoxylin_od_mean: float32(0.2, 1),
    hematoxylin_od_sd: float32(0.05, 0.2),
    eosin_od_mean: float32(0.1, 0.5),
    eosin_od_sd: float32(0.02, 0.1),
    bbox_xmin_px: px(x, -16),
    bbox_ymin_px: px(y, -16),
    bbox_xmax_px: px(x, 16),
    bbox_ymax_px: px(y, 16),
    outline: outlines.map((ring) => [ring]),
  };
}

/**
 * Outlines along pixel edges as those of nuclei, of some 47 vertices: ragged ellipses, no two alike. They have random numbers of their
 * own, so that other columns do not depend on them.
 */
function outlinesAround(x: Float64Array, y: Float64Array, first: number): Float64Array[] {
  const random = generator(first + 2);
  return Array.from(x, (centre, k) => {
    const rows = Math.round(10 + 16 * random());
    const width = 5 + 7 * random();
    const lean = random() - 0.5;
    const top = Math.max(0, Math.floor(y[k]!) - Math.floor(rows / 2));
    // Left and right ends of each row of pixels.
    const ends = Array.from({ length: rows }, (_, row): [number, number] => {
      const at = (2 * row + 1) / rows - 1;
      const half = width * Math.sqrt(1 - at ** 2);
      const middle = Math.floor(centre) + lean * at * width;
      const left = Math.max(0, Math.round(middle - half - 1.2 * random()));
      return [left, Math.max(left + 2, Math.round(middle + half + 1.2 * random()))];
    });
    return ringOf(ends, top);
  });
}

/** The ring around rows of pixels: from the upper left corner to the right, down the right ends, up the left ones. */
function ringOf(ends: readonly (readonly [number, number])[], top: number): Float64Array {
  const down: number[] = [];
  const up: number[] = [];
  ends.forEach(([left, right], row) => {
    const y = top + row;
    if (right !== ends[row - 1]?.[1]) down.push(...(row > 0 ? [ends[row - 1]![1], y] : []), right, y);
    if (left !== ends[row - 1]?.[0]) up.unshift(left, y, ...(row > 0 ? [ends[row - 1]![0], y] : []));
  });
  const [left, right] = ends.at(-1)!;
  const bottom = top + ends.length;
  const around = [...down, right, bottom, left, bottom, ...up];
  // The first vertex, left of the first corner, is the last one on the way up.
  return Float64Array.of(...around.slice(-2), ...around);
}

function classAt(x: number, y: number, draw: number): string {
  const nest = Math.sin(x / 190) + Math.sin(y / 230) + Math.sin((x + y) / 410);
  if (nest > 0.4) return draw < 0.85 ? 'neoplastic' : draw < 0.93 ? 'inflammatory' : 'connective';
  if (draw < 0.05) return 'neoplastic';
  if (draw < 0.35) return 'inflammatory';
  if (draw < 0.85) return 'connective';
  if (draw < 0.852) return 'dead';
  return draw < 0.95 ? 'epithelial' : 'unclassified';
}

/** Mulberry32: 32 bits of state, the same numbers everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
