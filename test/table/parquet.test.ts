import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { test } from 'vitest';
import type { NucleiBlock } from '../../src/nuclei/block.js';
import { columns } from '../../src/table/columns.js';
import { openTable } from '../../src/table/open.js';
import { NucleusTable } from '../../src/table/read.js';
import { rowsOf } from '../../src/table/rows.js';
import { needs } from '../../testkit/needs.js';
import { python } from '../../testkit/python.js';
import { context, facts, inBlocks, manySquares, squares } from './fixtures.js';
import { fillDisk, temporaryFolder } from './temporary.js';

async function write(path: string, blocks: Iterable<NucleiBlock>): Promise<Buffer> {
  const table = await openTable('parquet', path, facts);
  for (const block of blocks) await table.write(rowsOf(block, context));
  await table.close();
  return readFile(path);
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

test('every value comes back as it was written, to the precision of its column', async () => {
  const path = join(await temporaryFolder(), 'nuclei.parquet');
  const list = [
    { x: 3, y: 5, side: 9, type: 1, hole: 3 },
    { x: 30, y: 5, side: 7, type: 0 },
    { x: 60, y: 8, side: 5, type: 2 },
  ];
  const block = squares(list);
  await write(path, [block]);
  const table = await NucleusTable.open(path);
  assert.equal(table.rowCount, 3);
  assert.deepEqual(
    table.classes.map(({ id, name }) => [id, name]),
    [
      [1, 'neoplastic'],
      [2, 'inflammatory'],
      [0, 'unclassified'],
    ],
  );
  const groups = await all(table.rowGroups());
  assert.equal(groups.length, 1);
  for (const column of columns) {
    for (let k = 0; k < 3; k++) {
      const expected = column.value(block, k, context);
      const stored = column.type === 'float32' ? Math.fround(expected as number) : expected;
      assert.deepEqual(groups[0]![column.name][k], stored, column.name);
    }
  }
  const [chosen] = await all(table.rowGroups(['class', 'area_um2']));
  assert.deepEqual(Object.keys(chosen!), ['count', 'class', 'area_um2']);
});

test('row groups hold 8,192 rows and bytes are the same however the blocks are cut', async () => {
  const folder = await temporaryFolder();
  const list = manySquares(8_192 + 1_000);
  const hashes: string[] = [];
  for (const [i, sizes] of [[list.length], [1, 8_191, 0, 1000], [777], [8_192, 1000]].entries()) {
    const bytes = await write(join(folder, `${i}.parquet`), inBlocks(list, sizes));
    hashes.push(createHash('sha256').update(bytes).digest('hex'));
    const { row_groups: groups } = parquetMetadata(bytes);
    assert.deepEqual(
      groups.map(({ num_rows }) => Number(num_rows)),
      [8_192, 1_000],
    );
  }
  assert.equal(new Set(hashes).size, 1);
  const table = await NucleusTable.open(join(folder, '0.parquet'));
  const xs: number[] = [];
  for await (const rows of table.rowGroups(['bbox_xmin_px'])) xs.push(...rows.bbox_xmin_px);
  assert.deepEqual(
    xs,
    list.map(({ x }) => 2 * x),
  );
});

test('the metadata says what the columns mean, and where the nuclei lie', async () => {
  const path = join(await temporaryFolder(), 'nuclei.parquet');
  await write(path, [
    squares([{ x: 3, y: 5, side: 9, type: 1 }]),
    squares([{ x: 100, y: 2, side: 4, type: 1 }]),
  ]);
  const { metadata, facts: read } = await NucleusTable.open(path);
  assert.deepEqual(read, facts);
  assert.match(metadata['hoverslide.use']!, /research use only/);
  assert.deepEqual(JSON.parse(metadata.geo!), {
    version: '1.1.0',
    primary_column: 'outline',
    columns: {
      outline: {
        encoding: 'WKB',
        geometry_types: ['Polygon'],
        crs: null,
        bbox: [6, 4, 208, 28],
        covering: {
          bbox: {
            xmin: ['bbox', 'xmin'],
            ymin: ['bbox', 'ymin'],
            xmax: ['bbox', 'xmax'],
            ymax: ['bbox', 'ymax'],
          },
        },
      },
    },
  });
  const described = JSON.parse(metadata['hoverslide.columns']!) as { name: string; unit: string }[];
  assert.deepEqual(
    described.map(({ name }) => name),
    columns.map(({ name }) => name),
  );
  assert.equal(described.find(({ name }) => name === 'area_um2')!.unit, 'um2');
});

test('a window is read without the row groups that have nothing in it', async () => {
  const path = join(await temporaryFolder(), 'nuclei.parquet');
  const list = manySquares(20_000); // 500 a row of squares, so that row groups lie one below the other
  await write(path, inBlocks(list, [700]));
  const { row_groups: groups, schema } = parquetMetadata((await readFile(path)).buffer);
  const box = schema.findIndex(({ name }) => name === 'bbox');
  assert.deepEqual(
    schema.slice(box, box + 5).map(({ name, type, num_children }) => [name, type ?? num_children]),
    [
      ['bbox', 4],
      ['xmin', 'DOUBLE'],
      ['ymin', 'DOUBLE'],
      ['xmax', 'DOUBLE'],
      ['ymax', 'DOUBLE'],
    ],
  );
  for (const [g, { columns: chunks }] of groups.entries()) {
    const rows = list.slice(8_192 * g, 8_192 * (g + 1));
    const ymin = chunks.find(({ meta_data }) => meta_data!.path_in_schema.join('.') === 'bbox.ymin');
    assert.equal(Number(ymin!.meta_data!.statistics!.min_value) + 0, 2 * rows[0]!.y); // a minimum of 0 is -0
    assert.equal(ymin!.meta_data!.statistics!.max_value, 2 * rows.at(-1)!.y);
  }
  const table = await NucleusTable.open(path);
  const read = async (top: number, bottom: number) =>
    (await all(table.rowGroups(['bbox_ymin_px'], { left: 0, right: 1e5, top, bottom }))).map(
      ({ bbox_ymin_px: tops }) => tops[0],
    );
  const firsts = [0, 1, 2].map((g) => 2 * list[8_192 * g]!.y);
  assert.deepEqual(await read(0, 1e5), firsts);
  assert.deepEqual(await read(1_000, 1_100), [firsts[1]]);
  assert.deepEqual(await read(5_000, 6_000), []);
});

const validator = python('geoparquet_validator');

test('GeoParquet: all classes of conformance', needs(validator.missing), async () => {
  const folder = await temporaryFolder();
  await write(join(folder, 'many.parquet'), inBlocks(manySquares(20_000), [700]));
  await write(join(folder, 'none.parquet'), []);
  const check = [
    'import sys, geoparquet_validator as validator',
    'for path in sys.argv[1:]:',
    '    report = validator.check(path)',
    '    failed = [test for test in report["outcomes"] if test["status"] == "fail"]',
    '    assert not failed, failed',
    '    assert all(validator.conformant(report, name) for name in ("core", "covering", "distribution")), report',
  ].join('\n');
  validator.run('-c', check, join(folder, 'many.parquet'), join(folder, 'none.parquet'));
});

test('a slide without nuclei gives a table without rows', async () => {
  const path = join(await temporaryFolder(), 'nuclei.parquet');
  await write(path, []);
  const table = await NucleusTable.open(path);
  assert.equal(table.rowCount, 0);
  assert.deepEqual(await all(table.rowGroups()), []);
});

test('a full disk fails the table by name, and aborting leaves nothing', async () => {
  const folder = await temporaryFolder();
  for (const format of ['parquet', 'csv', 'geojson'] as const) {
    const path = join(folder, `nuclei.${format}`);
    await fillDisk(path);
    const table = await openTable(format, path, facts);
    const writing = async () => {
      for (const block of inBlocks(manySquares(70_000), [5_000])) await table.write(rowsOf(block, context));
      await table.close();
    };
    await assert.rejects(writing(), { kind: 'output', message: new RegExp(`${path}: no space left`) });
    await table.abort();
    assert.deepEqual(await readdir(folder), [], format);
  }
});

test('aborting a table leaves nothing', async () => {
  const folder = await temporaryFolder();
  for (const format of ['parquet', 'csv', 'geojson'] as const) {
    const table = await openTable(format, join(folder, 'nuclei'), facts);
    await table.write(rowsOf(squares(manySquares(100)), context));
    await table.abort();
    assert.deepEqual(await readdir(folder), [], format);
  }
});

test('what is not a nucleus table is refused in one line', async () => {
  const folder = await temporaryFolder();
  await assert.rejects(NucleusTable.open(join(folder, 'none.parquet')), { kind: 'missing' });
  await writeFile(join(folder, 'text.parquet'), 'not a table, and rather short');
  await assert.rejects(NucleusTable.open(join(folder, 'text.parquet')), {
    kind: 'input',
    message: /text\.parquet cannot be read as a Parquet table/,
  });
  const whole = await write(join(folder, 'whole.parquet'), inBlocks(manySquares(5000), [500]));
  await writeFile(join(folder, 'torn.parquet'), whole.subarray(0, whole.length / 2));
  await assert.rejects(NucleusTable.open(join(folder, 'torn.parquet')), { kind: 'input' });
});
