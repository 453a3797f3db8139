import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { featuresOfSlide } from '../../pipelines/features/features-of-slide.js';
import { columns } from '../../src/table/columns.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { zstd } from '../../src/table/zstd.js';
import { NucleiColumns } from '../../src/view/nuclei-columns.js';
import { scratchFolder } from '../../testkit/folder.js';
import { writeGeneratedTable } from '../../testkit/generated-nuclei.js';
import { readGolden } from '../features/pattern.js';
import { writeResults } from '../features/results.js';

const scratch = scratchFolder();

/** All rows of a file as the library reads them. */
async function objects(path: string): Promise<Record<string, unknown>[]> {
  const { decompress } = await zstd();
  const file = await asyncBufferFromFile(path);
  return parquetReadObjects({ file, compressors: { ZSTD: decompress }, geoparquet: false });
}

describe('columns of a table alone', () => {
  const folder = new SlideFolder(join(scratch, 'generated'));
  let table: NucleiColumns;
  let rows: Record<string, unknown>[];

  beforeAll(async () => {
    await mkdir(folder.path);
    await writeGeneratedTable(folder.table('parquet'), 10_000);
    table = await NucleiColumns.open(folder);
    rows = await objects(folder.table('parquet'));
  });
  afterAll(() => table.close());

  it('are those of float32, with units and meanings', () => {
    const expected = columns.filter(({ type }) => type === 'float32');
    assert.deepEqual(table.names(), expected.map(({ name, unit, meaning }) => ({ name, unit, meaning }))); // prettier-ignore
  });

  it('come by row group as they are stored', async () => {
    for (const name of ['area_um2', 'solidity']) {
      const [first, second] = [await table.group(name, 0), await table.group(name, 1)];
      assert.deepEqual([first.length, second.length], [8_192, 1_808]);
      assert.deepEqual([...first, ...second], rows.map((row) => row[name])); // prettier-ignore
    }
    await assert.rejects(table.group('area_um2', 2), {
      kind: 'usage',
      message: 'expected a row group from 0 to 1, found 2',
    });
    await assert.rejects(table.group('outline', 0), /expected a column \(class_share, .*found 'outline'/);
  });

  it('have bounds and a histogram', async () => {
    const { min, max, histogram, unit } = await table.view('area_um2');
    const values = rows.map((row) => row['area_um2'] as number);
    assert.equal(unit, 'um2');
    assert.equal(min, Math.min(...values));
    assert.equal(max, Math.max(...values));
    const step = (max - min) / 64;
    assert.equal(histogram.length, 64);
    assert.equal(histogram[20], values.filter((at) => at >= min + 20 * step && at < min + 21 * step).length);
    assert.equal(histogram.reduce((sum, each) => sum + each, 0), 10_000); // prettier-ignore
  });

  it('give a row with all but its outline', async () => {
    for (const k of [0, 8_191, 8_192, 9_999]) {
      const { row, values } = await table.row(k);
      assert.equal(row, k);
      assert.deepEqual(
        values.map(({ name, unit }) => [name, unit]),
        columns.flatMap(({ name, unit, type }) => (type === 'polygon' ? [] : [[name, unit]])),
      );
      const { bbox, outline, ...expected } = rows[k]! as { bbox: Record<string, number>; outline: unknown };
      assert.ok(outline);
      const found = Object.fromEntries(values.map(({ name, value }) => [name, value]));
      const boxes = Object.entries(bbox).map(([edge, at]) => [`bbox_${edge}_px`, at]);
      assert.deepEqual(found, { ...expected, ...Object.fromEntries(boxes) });
    }
    await assert.rejects(table.row(10_000), /expected a row from 0 to 9999, found 10000/);
    await assert.rejects(table.row(0.5), /expected a row/);
  });

  it('find a nucleus by its id', async () => {
    for (const k of [0, 8_190, 8_192, 9_999]) {
      const { id, centroid_x_px: x, centroid_y_px: y } = rows[k]! as Record<string, string>;
      assert.deepEqual(await table.find(id!.toUpperCase()), { row: k, x, y });
    }
    assert.equal(await table.find('0'.repeat(32)), undefined);
    assert.equal(await table.find('f'.repeat(36)), undefined);
  });
});

describe('columns of what is around nuclei', () => {
  it('are there if they were made from the same table', async () => {
    const golden = readGolden();
    const folder = await writeResults(join(scratch, 'pattern'), golden);
    await featuresOfSlide(folder, { interval: 0 });
    const both = await NucleiColumns.open(folder);
    const around = await objects(folder.context);
    const names = both.names().map(({ name }) => name);
    for (const name of ['nearest_tumour_um', 'n_immune_50um', 'tumour_edge_um', 'aggregate_id']) {
      assert.ok(names.includes(name), name);
      const expected = around.map((row) => Math.fround((row[name] as number | null) ?? NaN));
      assert.deepEqual([...(await both.group(name, 0))], expected);
      const there = expected.filter(Number.isFinite);
      const { min, max, histogram } = await both.view(name);
      if (there.length > 0) assert.deepEqual([min, max], [Math.min(...there), Math.max(...there)]);
      assert.equal(histogram.reduce((sum, each) => sum + each, 0), there.length); // prettier-ignore
    }
    const { values } = await both.row(3);
    assert.equal(values.find(({ name }) => name === 'n_immune_50um')!.value, around[3]!['n_immune_50um']);
    assert.equal(values.find(({ name }) => name === 'aggregate_id')!.value, around[3]!['aggregate_id']);
    await both.close();

    const order = golden.nuclei['x']!.map((_, k) => k).reverse();
    await writeResults(folder.path, golden, order); // another table: what was around its nuclei is out of date
    const alone = await NucleiColumns.open(folder);
    assert.ok(!alone.names().some(({ name }) => name === 'n_immune_50um'));
    await alone.close();
  });
});
