import assert from 'node:assert/strict';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Papa from 'papaparse';
import sharp from 'sharp';
import { beforeAll, describe, it, onTestFinished, vi } from 'vitest';
import { openViewer } from '../../pipelines/view/open-viewer.js';
import { decodePoints } from '../../src/overlay/leaf.js';
import type { OverlayDirectory } from '../../src/overlay/layout.js';
import { NucleusTable } from '../../src/table/read.js';
import { zstd } from '../../src/table/zstd.js';
import type { ColumnView, RowView, SelectionView } from '../../src/view/messages.js';
import { scratchFolder } from '../../testkit/folder.js';
import { readTable } from '../../testkit/product.js';
import { Browser, browse, writePage } from './client.js';
import { writeCohort } from './cohort.js';

const scratch = scratchFolder();
let [out, page] = ['', ''];

beforeAll(async () => {
  ({ out } = await writeCohort(scratch));
  page = await writePage(scratch);
});

/** A copy of the results, for a test that changes them. */
async function copyOf(name: string): Promise<string> {
  const copy = join(scratch, name);
  await cp(out, copy, { recursive: true });
  return copy;
}

/** A copy where one slide has no overlay, and none can be written beside its table. */
async function withoutOverlay(name: string): Promise<string> {
  const copy = await copyOf(name);
  const folder = join(copy, 'spotted');
  await rm(join(folder, 'nuclei.overlay'));
  // Also root may not write a file whose place a folder has.
  await mkdir(join(folder, '.nuclei.overlay.partial'));
  return copy;
}

const names = ['id', 'centroid_x_px', 'centroid_y_px', 'class', 'quality', 'area_um2'] as const;

/** The rows of the table. */
async function rows(folder = join(out, 'spotted')) {
  const groups = await readTable(folder, names);
  return groups.flatMap((group) =>
    Array.from({ length: group.count }, (_, k) => ({
      id: group.id[k]!,
      x: group.centroid_x_px[k]!,
      y: group.centroid_y_px[k]!,
      class: group.class[k]!,
      quality: group.quality[k]!,
      area: group.area_um2[k]!,
    })),
  );
}

async function post(browser: Browser, path: string, request: unknown) {
  return browser.ask(path, { method: 'POST', body: JSON.stringify(request) });
}

describe('the overlay', () => {
  it('comes as its directory and blocks, which hold every nucleus where the table has it', async () => {
    const browser = await browse(out, page);
    const slide = await browser.nuclei('spotted');
    const directory = await browser.json<OverlayDirectory>(`${slide}/overlay`);
    const expected = await rows();
    assert.equal(directory.nuclei, expected.length);
    const { decompress } = await zstd();
    const seen = new Set<number>();
    for (const [leaf, block] of directory.leaves.block.entries()) {
      const { body, headers } = await browser.ask(`${slide}/overlay/${block}`);
      assert.equal(headers['content-type'], 'application/zstd');
      const points = decodePoints(decompress(body, 0));
      const side = directory.side / 2 ** directory.leaves.depth[leaf]!;
      for (let k = 0; k < points.count; k++) {
        const { x, y } = expected[points.row[k]!]!;
        assert.ok(
          Math.abs(directory.leaves.i[leaf]! * side + (points.x[k]! * side) / 65536 - x) < side / 65536,
        );
        assert.ok(
          Math.abs(directory.leaves.j[leaf]! * side + (points.y[k]! * side) / 65536 - y) < side / 65536,
        );
        seen.add(points.row[k]!);
      }
    }
    assert.equal(seen.size, expected.length);
  });

  it('is not there for slides without nuclei, with the reason', async () => {
    const browser = await browse(out, page);
    const { status, body } = await browser.ask(`${await browser.nuclei('unfinished')}/overlay`);
    assert.equal(status, 404);
    assert.match(body.toString(), /its nuclei come when it is done/);
  });

  it('is made once for a table from before, however many ask', async () => {
    const copy = await copyOf('before');
    const overlay = join(copy, 'spotted', 'nuclei.overlay');
    const bytes = await readFile(overlay);
    await rm(overlay);
    const browser = await browse(copy, page);
    const slide = await browser.nuclei('spotted');
    const answers = await Promise.all(Array.from({ length: 8 }, () => browser.ask(`${slide}/overlay`)));
    for (const { status, body } of answers) {
      assert.equal(status, 200);
      assert.deepEqual(body, answers[0]!.body);
    }
    assert.deepEqual(await readFile(overlay), bytes);
  });

  it('is made anew with a notice when it is damaged', async () => {
    const copy = await copyOf('damaged');
    const overlay = join(copy, 'spotted', 'nuclei.overlay');
    const whole = await readFile(overlay);
    const browser = await browse(copy, page);
    const slide = await browser.nuclei('spotted');
    const directory = await browser.json<OverlayDirectory>(`${slide}/overlay`);
    const bytes = Buffer.from(whole);
    bytes[directory.blocks.offset[0]! + 5]! ^= 255;
    await writeFile(overlay, bytes);
    const { status, body } = await browser.ask(`${slide}/overlay/0`);
    assert.equal(status, 200);
    assert.deepEqual(body, whole.subarray(8, 8 + directory.blocks.length[0]!));
    assert.deepEqual(await readFile(overlay), whole);
    assert.equal(browser.faults.length, 1);
    assert.match(browser.faults[0]!, /nuclei\.overlay is damaged.*made anew/);
  });

  it('lies in the cache where the results may only be read', async () => {
    const copy = await withoutOverlay('read-only');
    const folder = join(copy, 'spotted');
    const cache = join(scratch, 'cache', 'deep');
    const before = await contentsOf(copy);
    await chmod(folder, 0o555);
    const browser = await browse(copy, page, { cache });
    const { nuclei } = await browser.json<OverlayDirectory>(`${await browser.nuclei('spotted')}/overlay`);
    assert.equal(nuclei, (await rows()).length);
    await chmod(folder, 0o755);
    assert.deepEqual(await contentsOf(copy), before, 'nothing was added');
    assert.equal((await readdir(cache)).filter((name) => name.endsWith('.overlay')).length, 1);
  });

  it('is shown where nothing of the user may be written, and then leaves nothing behind', async () => {
    const copy = await withoutOverlay('nowhere');
    const file = join(scratch, 'a file');
    await writeFile(file, '');
    const temporary = async () =>
      (await readdir(tmpdir())).filter((name) => name.startsWith('hoverslide-overlays-'));
    const before = await temporary();
    const faults: string[] = [];
    const options = { port: 0, host: '127.0.0.1', page, cache: join(file, 'cache') };
    const browser = new Browser(await openViewer(copy, options, (line) => faults.push(line)), faults);
    const { nuclei } = await browser.json<OverlayDirectory>(`${await browser.nuclei('spotted')}/overlay`);
    assert.equal(nuclei, (await rows()).length);
    assert.match(
      faults.join('\n'),
      /^.*a file\/cache may not be written: overlays .* are made anew at every start$/,
    );
    await browser.viewer.close();
    assert.deepEqual(await temporary(), before);
  });
});

describe('nuclei of an earlier run', () => {
  it('are refused, all that is asked of them, once another run has replaced them', async () => {
    const copy = await copyOf('replaced');
    const table = join(copy, 'spotted', 'nuclei.parquet');
    const browser = await browse(copy, page);
    const before = await browser.nuclei('spotted');
    const polygon = { polygon: [[0, 0], [9, 0], [9, 9]] }; // prettier-ignore
    await browser.json(`${before}/overlay`);
    await cp(table, `${table}.new`);
    await rename(`${table}.new`, table); // as a run does it
    for (const path of [
      'overlay',
      'overlay/0',
      'columns/area_um2',
      'columns/area_um2/0',
      'rows/0',
      'density',
    ]) {
      const { status, body } = await browser.ask(`${before}/${path}`);
      assert.equal(status, 409, path);
      assert.match(body.toString(), /have changed: load the page anew/);
    }
    assert.equal((await post(browser, `${before}/selection`, polygon)).status, 409);
    assert.equal((await post(browser, `${before}/selection/csv`, polygon)).status, 409);
    const after = await browser.nuclei('spotted');
    assert.notEqual(after, before);
    await browser.json(`${after}/overlay`);
  });
});

async function contentsOf(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

describe('columns and rows', () => {
  it('give the values of the table, with bounds and a histogram', async () => {
    const browser = await browse(out, page);
    const slide = await browser.nuclei('spotted');
    const expected = (await rows()).map(({ area }) => area);
    const view = await browser.json<ColumnView>(`${slide}/columns/area_um2`);
    assert.equal(view.unit, 'um2');
    assert.deepEqual([view.min, view.max], [Math.min(...expected), Math.max(...expected)]);
    assert.equal(
      view.histogram.reduce((sum, count) => sum + count),
      expected.length,
    );
    const { body } = await browser.ask(`${slide}/columns/area_um2/0`);
    assert.deepEqual(
      [...new Float32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length))],
      expected,
    );
    const { columns } = await browser.view('spotted');
    for (const { name } of columns) await browser.json<ColumnView>(`${slide}/columns/${name}`);
  });

  it('give a whole row with units and meanings, which is found by its id', async () => {
    const browser = await browse(out, page);
    const slide = await browser.nuclei('spotted');
    const expected = (await rows())[7]!;
    const { values } = await browser.json<RowView>(`${slide}/rows/7`);
    const of = (name: string) => values.find((value) => value.name === name)!;
    assert.equal(of('id').value, expected.id);
    assert.equal(of('class').value, expected.class);
    assert.equal(of('area_um2').value, expected.area);
    assert.ok(values.every(({ meaning }) => meaning.length > 0));
    assert.deepEqual(await browser.json(`${slide}/find?id=${expected.id}`), {
      row: 7,
      x: expected.x,
      y: expected.y,
    });
    for (const [path, status] of [
      ['find?id=00000000-0000-0000-0000-000000000000', 404],
      ['find', 404],
      ['rows/99999', 400],
      ['columns/none', 400],
      ['columns/outline', 400],
      ['columns/area_um2/99', 400],
    ] as const) {
      const answer = await browser.ask(`${slide}/${path}`);
      assert.equal(answer.status, status, path);
      assert.ok(!answer.body.includes(scratch), answer.body.toString());
    }
  });
});

describe('a selection', () => {
  const request = {
    polygon: [
      [100, 100],
      [900, 100],
      [900, 800],
      [100, 800],
    ],
    thresholds: [{ column: 'area_um2', min: 30 }],
  };

  async function expected() {
    const all = await rows();
    return all.filter(
      ({ x, y, area, quality }) =>
        x >= 100 && x < 900 && y >= 100 && y < 800 && area >= 30 && quality === 'ok',
    );
  }

  it('counts what the table has there', async () => {
    const browser = await browse(out, page);
    const { status, body } = await post(browser, `${await browser.nuclei('spotted')}/selection`, request);
    assert.equal(status, 200, body.toString());
    const view = JSON.parse(body.toString()) as SelectionView;
    const inside = await expected();
    assert.ok(inside.length > 10);
    assert.equal(view.nuclei, inside.length);
    for (const { name, count } of view.classes) {
      assert.equal(count, inside.filter((row) => row.class === name).length, name);
    }
    assert.ok(Math.abs(view.areaMm2 - (800 * 700 * 0.25 ** 2) / 1e6) < 1e-9);
  });

  it('is given as rows in every format, and leaves nothing behind', async () => {
    const browser = await browse(out, page);
    const slide = await browser.nuclei('spotted');
    const ids = (await expected()).map(({ id }) => id);
    const temporary = join(scratch, 'temporary');
    await mkdir(temporary);
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const csv = await post(browser, `${slide}/selection/csv`, request);
    assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8');
    const { data } = Papa.parse<{ id: string }>(csv.body.toString(), { header: true, skipEmptyLines: true });
    assert.deepEqual(
      data.map(({ id }) => id),
      ids,
    );
    const parquet = await post(browser, `${slide}/selection/parquet`, request);
    const path = join(scratch, 'selection.parquet');
    await writeFile(path, parquet.body);
    assert.equal((await NucleusTable.open(path)).rowCount, ids.length);
    const geojson = await post(browser, `${slide}/selection/geojson`, request);
    assert.equal(geojson.headers['content-encoding'], 'gzip');
    const { features } = JSON.parse(gunzipSync(geojson.body).toString()) as { features: unknown[] };
    assert.equal(features.length, ids.length);
    assert.deepEqual(browser.faults, []);
    await vi.waitFor(async () => assert.deepEqual(await readdir(temporary), []));
  });

  it('that makes no sense is refused with one line', async () => {
    const browser = await browse(out, page);
    const slide = await browser.nuclei('spotted');
    for (const wrong of [
      {},
      { polygon: [[0, 0]] },
      { ...request, classes: [77] },
      { ...request, more: 1 },
      null,
      5,
    ]) {
      for (const path of ['selection', 'selection/csv']) {
        const { status, body } = await post(browser, `${slide}/${path}`, wrong);
        assert.equal(status, 400, JSON.stringify(wrong));
        assert.match((JSON.parse(body.toString()) as { error: string }).error, /^selection: [^\n]+$/);
      }
    }
    assert.equal((await post(browser, `${slide}/selection/xlsx`, request)).status, 404);
  });
});

describe('the picture of densities', () => {
  it('has a pixel per cell, in the colours of the classes that are there', async () => {
    const browser = await browse(out, page);
    const slide = await browser.nuclei('spotted');
    const { densities } = await browser.json<OverlayDirectory>(`${slide}/overlay`);
    const { classes } = await browser.view('spotted');
    const all = await rows();
    const cell = densities[0]!.cell;
    const one = classes.find(({ count }) => count > 0)!;
    const { body, headers } = await browser.ask(`${slide}/density?classes=${one.id}`);
    assert.equal(headers['content-type'], 'image/png');
    const { data, info } = await sharp(body).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual(
      [info.width, info.height, info.channels],
      [Math.ceil(1500 / cell), Math.ceil(1100 / cell), 4],
    );
    const filled = new Set(
      all
        .filter((row) => row.class === one.name && row.quality === 'ok')
        .map(({ x, y }) => Math.floor(y / cell) * info.width + Math.floor(x / cell)),
    );
    for (let pixel = 0; pixel < info.width * info.height; pixel++) {
      const [r, g, b, a] = data.subarray(4 * pixel, 4 * pixel + 4) as unknown as [
        number,
        number,
        number,
        number,
      ];
      assert.equal(a > 0, filled.has(pixel));
      if (a > 0)
        assert.equal(`#${[r, g, b].map((part) => part.toString(16).padStart(2, '0')).join('')}`, one.color);
    }
    assert.deepEqual((await browser.ask(`${slide}/density?level=0&classes=${one.id}`)).body, body);
  });
});
