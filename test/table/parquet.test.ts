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
import { context, inBlocks, manySquares, squares } from './fixtures.js';
import { fillDisk, temporaryFolder } from './temporary.js';

async function write(path: string, blocks: Iterable<NucleiBlock>): Promise<Buffer> {
  const table = await openTable('parquet', path, context);
  for (const block of blocks) await table.write(block);
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

test('row groups hold 16,384 rows and bytes are the same however the blocks are cut', async () => {
  const folder = await temporaryFolder();
  const list = manySquares(16_384 + 1_000);
  const hashes: string[] = [];
  for (const [i, sizes] of [[list.length], [1, 16_383, 0, 1000], [777], [16_384, 1000]].entries()) {
    const bytes = await write(join(folder, `${i}.parquet`), inBlocks(list, sizes));
    hashes.push(createHash('sha256').update(bytes).digest('hex'));
    const { row_groups: groups } = parquetMetadata(bytes);
    assert.deepEqual(
      groups.map(({ num_rows }) => Number(num_rows)),
      [16_384, 1_000],
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
  const { metadata } = await NucleusTable.open(path);
  assert.equal(metadata['hoverslide.slide'], 'sample');
  assert.deepEqual(JSON.parse(metadata.geo!), {
    version: '1.1.0',
    primary_column: 'outline',
    columns: {
      outline: { encoding: 'WKB', geometry_types: ['Polygon'], crs: null, bbox: [6, 4, 208, 28] },
    },
  });
  const described = JSON.parse(metadata['hoverslide.columns']!) as { name: string; unit: string }[];
  assert.deepEqual(
    described.map(({ name }) => name),
    columns.map(({ name }) => name),
  );
  assert.equal(described.find(({ name }) => name === 'area_um2')!.unit, 'um2');
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
    const table = await openTable(format, path, context);
    const writing = async () => {
      for (const block of inBlocks(manySquares(70_000), [5_000])) await table.write(block);
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
    const table = await openTable(format, join(folder, 'nuclei'), context);
    await table.write(squares(manySquares(100)));
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
