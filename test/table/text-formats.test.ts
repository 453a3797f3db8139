import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { test } from 'vitest';
import { ModelSpace } from '../../src/slide/model-space.js';
import { columns } from '../../src/table/columns.js';
import { nucleusId } from '../../src/table/id.js';
import { openTable, type TableFormat } from '../../src/table/open.js';
import { decimal } from '../../src/table/text.js';
import { tableClasses } from '../../src/table/context.js';
import { rowsOf } from '../../src/table/rows.js';
import { context, facts, inBlocks, manySquares } from './fixtures.js';
import { temporaryFolder } from './temporary.js';

type Squares = ReturnType<typeof manySquares>;

async function write(
  format: TableFormat,
  list: Squares,
  { sizes = [1], about = context, origin = facts.slide.origin } = {},
): Promise<Buffer> {
  const path = join(await temporaryFolder(), 'nuclei');
  const { classes } = about;
  const slide = { ...facts.slide, origin };
  const table = await openTable(format, path, { ...facts, slide, classes: tableClasses(classes) });
  for (const block of inBlocks(list, sizes)) await table.write(rowsOf(block, about));
  await table.close();
  return readFile(path);
}

interface Feature {
  type: string;
  id: string;
  geometry: { type: string; coordinates: [number, number][][] };
  properties: {
    objectType: string;
    classification: { name: string; color: number[] };
    measurements: Record<string, number>;
  };
}

function features(file: Buffer): Feature[] {
  const collection = JSON.parse(gunzipSync(file).toString()) as { type: string; features: Feature[] };
  assert.equal(collection.type, 'FeatureCollection');
  return collection.features;
}

test('CSV: the columns of the table, a line per nucleus, text quoted where it must be', async () => {
  const about = { ...context, classes: [{ id: 1, name: 'the "odd", one', color: [1, 2, 3] as const }] };
  const csv = await write('csv', [{ x: 10, y: 20, side: 4, type: 1 }], { about });
  const [header, line, ...rest] = csv.toString().split('\n');
  assert.equal(header, columns.map(({ name }) => name).join(','));
  assert.deepEqual(rest, ['']);
  const id = nucleusId(context.slideHash, 10, 20);
  assert.equal(
    line,
    `${id},24,44,3,5.5,"the ""odd"", one",0.75,0.875,ok,1,4,1.25,1,0.6,1,0.7854,-0.5,` +
      '0.5,0.125,0.25,0.0625,20,40,28,48,"POLYGON ((20 40, 28 40, 28 48, 20 48, 20 40))"',
  );
});

test('numbers in text: rounded, no trailing zeros, no exponent, no minus zero', () => {
  const cases: [number, number, string][] = [
    [12, 3, '12'],
    [1 / 3, 4, '0.3333'],
    [0.1000001, 4, '0.1'],
    [0.00004, 4, '0'],
    [-0.00004, 4, '0'],
    [123456.789, 2, '123456.79'],
    [-1.5707963, 4, '-1.5708'],
  ];
  for (const [value, decimals, expected] of cases) assert.equal(decimal(value, decimals), expected);
});

test('GeoJSON: a detection per nucleus, in the coordinates of the picture that QuPath shows', async () => {
  const file = await write('geojson', [
    { x: 100, y: 50, side: 8, type: 2, hole: 2 },
    { x: 200, y: 50, side: 4, type: 0 },
  ]);
  const [first, second] = features(file);
  assert.equal(first!.type, 'Feature');
  assert.equal(first!.id, nucleusId(context.slideHash, 100, 50));
  assert.deepEqual(first!.geometry, {
    type: 'Polygon',
    // Model px times 2, less the origin (100, 40).
    coordinates: [
      [
        [100, 60],
        [116, 60],
        [116, 76],
        [100, 76],
        [100, 60],
      ],
      [
        [106, 66],
        [110, 66],
        [110, 70],
        [106, 70],
        [106, 66],
      ],
    ],
  });
  assert.equal(first!.properties.objectType, 'detection');
  assert.deepEqual(first!.properties.classification, { name: 'inflammatory', color: [60, 160, 60] });
  assert.equal(first!.properties.measurements['Area µm^2'], 3.75);
  assert.ok(Object.values(first!.properties.measurements).every(Number.isFinite));
  assert.equal(second!.properties.classification.name, 'unclassified');
});

test('GeoJSON: no time in the gzip header, and an empty collection for no nuclei', async () => {
  const file = await write('geojson', []);
  assert.deepEqual([...file.subarray(4, 8)], [0, 0, 0, 0]);
  assert.deepEqual(features(file), []);
});

test('GeoJSON: rings close, and fractions of a pixel keep two decimals', async () => {
  const about = {
    ...context,
    space: new ModelSpace(1000, 1000, 0.25 / 0.2275, 0.2275),
  };
  const origin = { x: 0, y: 0 };
  const list = manySquares(2000);
  const found = features(await write('geojson', list, { sizes: [300], about, origin }));
  assert.equal(found.length, 2000);
  assert.equal(new Set(found.map(({ id }) => id)).size, 2000);
  found.forEach(({ geometry }, k) => {
    const [ring] = geometry.coordinates;
    assert.deepEqual(ring!.at(-1), ring![0]);
    assert.ok(Math.abs(ring![0]![0] - (list[k]!.x * 0.25) / 0.2275) <= 0.005 + 1e-9);
    assert.ok(ring!.flat().every((coordinate) => /^\d+(\.\d{1,2})?$/.test(String(coordinate))));
  });
});

for (const format of ['csv', 'geojson'] as const) {
  test(`${format}: the same bytes however the blocks are cut`, async () => {
    const list = manySquares(12_000); // several chunks of a MiB
    const files: Buffer[] = [];
    for (const sizes of [[1], [12_000], [500, 3, 4_000]]) files.push(await write(format, list, { sizes }));
    assert.ok(files.every((file) => file.equals(files[0]!)));
  });
}
