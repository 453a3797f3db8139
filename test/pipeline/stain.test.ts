import assert from 'node:assert/strict';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { embeddedModel } from '../../src/model/embedded.js';
import { packageRoot } from '../../src/package-root.js';
import { columns } from '../../src/table/columns.js';
import { readRunRecord } from '../../src/table/run-record.js';
import { writeCrop } from '../../testkit/crop.js';
import { scratchFolder } from '../../testkit/folder.js';
import { assertSameBytes, fixedBytes, readTable, runProduct, stopProduct } from '../../testkit/product.js';

const folder = scratchFolder();
const slide = join(folder, 'tissue.tif');
const options = { model: embeddedModel, tissueMask: true, stain: 'slide' } as const;
const stainColumns = columns.map(({ name }) => name).filter((name) => /_od_/.test(name));

async function rowsOf(at: string) {
  const groups = await readTable(
    at,
    columns.map(({ name }) => name),
  );
  return groups.flatMap((rows) =>
    Array.from({ length: rows.count }, (_, k) =>
      Object.fromEntries(columns.map(({ name }) => [name, rows[name][k]])),
    ),
  );
}

describe("stain by the slide's own vectors", () => {
  let own: string;

  beforeAll(async () => {
    const sample = join(packageRoot, 'samples', 'tcga-v5-a7re-region.tif');
    await writeCrop(sample, { x: 100, y: 100, width: 800, height: 760 }, slide);
    own = (await runProduct(slide, join(folder, 'own'), options)).result.folder;
  });

  it('stands in run.json, and changes the columns of stain and nothing else', async () => {
    const { stain_vectors: vectors, options: used } = await readRunRecord(join(own, 'run.json'));
    assert.equal(used.stain, 'slide');
    const { haematoxylin, eosin } = vectors!;
    for (const vector of [haematoxylin, eosin]) assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5);
    // Near what torchstain gives for the same tissue (test/nuclei/macenko.test.ts).
    assert.ok(haematoxylin.every((value, c) => Math.abs(value - [0.628, 0.698, 0.346][c]!) < 0.05));
    assert.ok(eosin.every((value, c) => Math.abs(value - [0.152, 0.879, 0.451][c]!) < 0.05));

    const fixed = (await runProduct(slide, join(folder, 'fixed'), { ...options, stain: 'fixed' })).result
      .folder;
    assert.equal((await readRunRecord(join(fixed, 'run.json'))).stain_vectors, undefined);
    const [ours, theirs] = [await rowsOf(own), await rowsOf(fixed)];
    assert.ok(ours.length > 100 && ours.length === theirs.length);
    assert.equal(stainColumns.length, 4);
    ours.forEach((row, k) => {
      for (const { name } of columns) {
        if (stainColumns.includes(name)) assert.notEqual(row[name], theirs[k]![name], name);
        else assert.deepEqual(row[name], theirs[k]![name], name);
      }
    });
  });

  it('is the same whatever the read blocks, workers and stops', async () => {
    const expected = await fixedBytes(own);
    const out = join(folder, 'stopped');
    await stopProduct(slide, out, { ...options, readBlock: 2, stopAt: 16 });
    const { result, notices } = await runProduct(slide, out, { ...options, readBlock: 8, workers: 1 });
    assert.match(notices.join(), /going on at patch [1-9]/);
    await assertSameBytes(result.folder, expected, 'after a stop');
  });

  it('is that of the whole slide in a region of interest too', async () => {
    const { result } = await runProduct(slide, join(folder, 'region'), {
      ...options,
      roi: '200,200,300,250',
    });
    const inside = await rowsOf(result.folder);
    const all = new Map((await rowsOf(own)).map((row) => [row['id'], row]));
    assert.ok(inside.length > 10 && inside.length < all.size);
    for (const row of inside) assert.deepEqual(row, all.get(row['id']));
  });
});
