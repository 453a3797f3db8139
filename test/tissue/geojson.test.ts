import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { openSlide, type Slide } from '../../src/slide/slide.js';
import { readMask } from '../../src/tissue/mask-file.js';
import { isInside, readRoi } from '../../src/tissue/roi.js';
import { scratchFolder } from '../../testkit/folder.js';
import { Canvas } from '../../testkit/paint.js';

const folder = scratchFolder();
let slide: Slide;

beforeAll(async () => {
  await new Canvas(1000, 1000).write(join(folder, 'slide.tif'));
  slide = await openSlide(join(folder, 'slide.tif'));
});
afterAll(() => slide.close());

const ring = (a: number, b: number) => [[a, a], [b, a], [b, b], [a, b], [a, a]]; // prettier-ignore
const square = { type: 'Polygon', coordinates: [ring(100, 400)] };
const feature = (geometry: unknown) => ({ type: 'Feature', properties: {}, geometry });
const line = { type: 'LineString', coordinates: [[0, 400], [200, 400]] }; // prettier-ignore
const text = JSON.stringify;
const nested = (levels: number): unknown =>
  levels === 0 ? square : { type: 'GeometryCollection', geometries: [nested(levels - 1)] };

function write(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('masks and regions in GeoJSON', () => {
  const forms: Record<string, [content: string | Buffer, leftOut?: string]> = {
    'with a byte order mark': [`\uFEFF${text(square)}`],
    'in UTF-16': [Buffer.from(`\uFEFF${text(square)}`, 'utf16le')],
    compressed: [gzipSync(text(square))],
    'of collections within collections': [
      text({ type: 'FeatureCollection', features: [feature(nested(3)), feature(line)] }),
      '1 LineString',
    ],
    'with points, lines and features without geometry': [
      text([
        feature(square),
        feature(null),
        { type: 'Feature' },
        feature({ type: 'MultiPoint', coordinates: [[1, 2]] }),
        feature(line),
        feature({ type: 'GeometryCollection', geometries: [line] }),
      ]),
      '1 MultiPoint, 2 Features without geometry, 2 LineStrings',
    ],
    'with polygons that are empty, a point or a line': [
      text([
        feature(square),
        feature({ type: 'Polygon', coordinates: [] }),
        feature({ type: 'MultiPolygon', coordinates: [[ring(7, 7)], [[[0, 0], [5, 5], [9, 9], [0, 0]]]] }), // prettier-ignore
      ]),
      '3 Polygons without area',
    ],
    'with heights': [text({ type: 'Polygon', coordinates: [ring(100, 400).map((xy) => [...xy, 7])] })],
  };
  for (const [name, [content, leftOut]] of Object.entries(forms)) {
    it(`${name} are read`, async () => {
      const file = write('form.geojson', content);
      const said = leftOut && `left out, since they have no area: ${leftOut}`;
      const roi = await readRoi(file, slide);
      assert.deepEqual([...roi.polygons[0]![0]!], ring(100, 400).flat());
      assert.deepEqual([roi.polygons.length, roi.leftOut], [1, said]);
      const mask = await readMask(file, slide);
      assert.deepEqual([mask.polygons, mask.leftOut], [roi.polygons, said]);
    });
  }

  it('are even-odd where a ring crosses itself, and united where polygons overlap', async () => {
    const bow = { type: 'Polygon', coordinates: [[[0, 0], [400, 400], [400, 0], [0, 400], [0, 0]]] }; // prettier-ignore
    const twice = { type: 'Polygon', coordinates: [[...ring(500, 900), ...ring(600, 800)]] };
    const { polygons } = await readRoi(write('bow.geojson', text([bow, twice, square].map(feature))), slide);
    const inside = [
      [20, 200, true], // left wing of the bow, whose signed areas cancel
      [380, 200, true], // right wing, also in the square
      [200, 20, false], // above its crossing
      [550, 550, true], // enclosed once
      [700, 650, false], // enclosed twice by one ring
      [300, 390, true], // in the square only
    ] as const;
    for (const [x, y, expected] of inside) assert.equal(isInside(polygons, x, y), expected, `${x}, ${y}`);
  });

  const polygon = (...positions: unknown[]) => text({ type: 'Polygon', coordinates: [positions] });
  const refused: Record<string, [content: string | Buffer, found: RegExp]> = {
    'nothing but lines and points': [
      text([feature(line), feature({ type: 'Point', coordinates: [1, 2] }), feature(line)]),
      /expected GeoJSON polygons, found 1 Point, 2 LineStrings$/,
    ],
    'no feature': [text({ type: 'FeatureCollection', features: [] }), /polygons, found no feature$/],
    'text for numbers': [
      text({
        features: [feature({ type: 'Polygon', coordinates: [[['12', 3]]] })],
        type: 'FeatureCollection',
      }),
      /features\[0\]\.geometry\.coordinates\[0\]\[0\]: expected x and y as numbers, in level-0 pixels, found \['12', 3\]$/,
    ],
    NaN: ['{"type": "Polygon", "coordinates": [[[NaN, 3]]]}', /expected GeoJSON, found: Unexpected token/],
    'numbers without end': [polygon([0, 0], [1, 0]).replace('1,0', '1e999,0'), /found \[Infinity, 0\]$/],
    'a position of one number': [polygon([0, 0], [5]), /coordinates\[0\]\[1\]: .* found \[5\]$/],
    'another level of lists': [polygon(ring(1, 9)), /coordinates\[0\]\[0\]: .* found a list of 5$/],
    'another kind': [
      text({ type: 'Topology', arcs: [] }),
      /type: expected a kind of GeoJSON, found 'Topology'$/,
    ],
    'a deep nest of collections': [
      text(nested(99)),
      /expected at most 32 levels of collections, found more$/,
    ],
    'a deep nest of lists': [
      `${'['.repeat(1e6)}1${']'.repeat(1e6)}`,
      /\[0\]: expected a GeoJSON object, found a list of 1$/,
    ],
    'a deep nest for a position': [
      `{"type": "Polygon", "coordinates": [[[${'['.repeat(1e6)}1${']'.repeat(1e6)}, 1]]]}`,
      /found a list of 2$/,
    ],
    'Windows-1252': [
      Buffer.from('{"type": "Polygon", "name": "\xe9"}', 'latin1'),
      /in UTF-8, found .*Windows-1252/,
    ],
    'half a gzip': [
      gzipSync(text(square)).subarray(0, 40),
      /expected sound gzip, found: unexpected end of file$/,
    ],
    'a gzip that grows without end': [
      gzipSync(Buffer.alloc(300 * 2 ** 20, ' ')),
      /at most 256 MB when decompressed/,
    ],
    nothing: ['', /expected polygons or an image, found an empty file$/],
  };
  for (const [name, [content, found]] of Object.entries(refused)) {
    it(`are refused by name: ${name}`, async () => {
      const file = write('bad.geojson', content);
      for (const read of [() => readRoi(file, slide), () => readMask(file, slide)]) {
        await assert.rejects(read, (error: Error) => {
          assert.match(error.message, /^(mask|region) .*bad\.geojson: [ -~]+$/);
          assert.match(error.message, found);
          return true;
        });
      }
    });
  }
});
