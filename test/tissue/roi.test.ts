import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { openEngine, type Engine } from '../../pipelines/engine/engine.js';
import { runSlide } from '../../pipelines/slide/run-slide.js';
import { openModel } from '../../src/model/model.js';
import { ModelSpace } from '../../src/slide/model-space.js';
import { openSlide } from '../../src/slide/slide.js';
import { NucleusTable } from '../../src/table/read.js';
import { Lattice } from '../../src/tissue/lattice.js';
import { isInside, patchesNear, readRoi } from '../../src/tissue/roi.js';
import { readRunRecord } from '../../src/table/run-record.js';
import { largeShapes } from '../../testkit/adversaries.js';
import { scratchFolder } from '../../testkit/folder.js';
import { writeSlide } from '../../testkit/slides.js';
import { stubColor, stubGround, stubModel } from '../../testkit/stub.js';

const scratch = scratchFolder();
const path = join(scratch, 'dots.tif');
const size = 700;

beforeAll(async () => {
  // A dot every 50 px, the one at (25 + 50 i, 25 + 50 j) of class 1 + (i + j) % 5.
  const pixels = (x0: number, y0: number, width: number, height: number) => {
    const data = new Uint8Array(width * height * 3);
    for (let k = 0; k < width * height; k++) {
      const [x, y] = [x0 + (k % width), y0 + Math.floor(k / width)];
      const near = Math.hypot((x % 50) - 25, (y % 50) - 25) < 9;
      const type = 1 + ((Math.floor(x / 50) + Math.floor(y / 50)) % 5);
      data.set(near ? stubColor(type) : stubGround, 3 * k);
    }
    return data;
  };
  await writeSlide(path, { width: size, height: size, pixels, mpp: 0.25 });
});

describe('reading a region', () => {
  test('x,y,w,h in level-0 pixels: inside is half-open', async () => {
    const slide = await openSlide(path);
    const { polygons: roi } = await readRoi('10, 20, 30, 40', slide);
    assert.ok(isInside(roi, 10, 20));
    assert.ok(isInside(roi, 39.9, 59.9));
    assert.ok(!isInside(roi, 40, 30));
    assert.ok(!isInside(roi, 20, 60));
    await slide.close();
  });

  test('polygons with holes, from GeoJSON', async () => {
    const file = join(scratch, 'roi.geojson');
    const square = (a: number, b: number) => [[a, a], [b, a], [b, b], [a, b], [a, a]]; // prettier-ignore
    writeFileSync(file, JSON.stringify({ type: 'Polygon', coordinates: [square(0, 100), square(40, 60)] }));
    const slide = await openSlide(path);
    const { polygons: roi } = await readRoi(file, slide);
    assert.ok(isInside(roi, 20, 50));
    assert.ok(!isInside(roi, 50, 50));
    assert.ok(!isInside(roi, 101, 50));
    await slide.close();
  });

  for (const text of ['1,2,3', '1,2,3,-4', '1,2,,4']) {
    test(`'${text}' is refused`, async () => {
      const slide = await openSlide(path);
      await assert.rejects(readRoi(text, slide), { kind: 'usage', message: /option roi: expected x,y,w,h/ });
      await slide.close();
    });
  }
});

test('patches run within 2,304 px of the region, wherever its edges pass', () => {
  const lattice = new Lattice(new ModelSpace(192 * 100, 192 * 100, 1, 0.25), { patch: 256, stride: 192 });
  const run = Uint32Array.from({ length: 2 * 100 * 100 }, (_, k) =>
    k % 2 ? Math.floor(k / 200) : (k >> 1) % 100,
  );
  const [x, y, width, height] = [9600, 9700, 10, 400];
  const roi = [[Float64Array.of(x, y, x + width, y, x + width, y + height, x, y + height)]];
  const kept = patchesNear(roi, run, lattice);
  const expected: number[] = [];
  for (let k = 0; k < run.length; k += 2) {
    const [left, top] = [run[k]! * 192, run[k + 1]! * 192];
    const apart = (a0: number, a1: number, b0: number, b1: number) => Math.max(b0 - a1, a0 - b1, 0);
    const far = Math.max(apart(left, left + 192, x, x + width), apart(top, top + 192, y, y + height));
    if (far <= 2304) expected.push(run[k]!, run[k + 1]!);
  }
  assert.deepEqual([...kept], expected);
});

describe('a run with a region', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine(await openModel(stubModel), {
      provider: 'cpu',
      threads: 1,
      workers: 1,
      batch: 16,
      readBlock: 4,
    });
  });

  afterAll(() => engine.close());

  /** A row per nucleus: all that its outline and place say of it, in the order of the table. */
  const rowsOf = async (slide: string, folder: string, roi?: string) => {
    const options = { tissueMask: false, formats: ['parquet'], roi } as const;
    const result = await runSlide(slide, join(scratch, folder), engine, options);
    const table = await NucleusTable.open(join(result.folder, 'nuclei.parquet'));
    const rows: { x: number; y: number; text: string }[] = [];
    for await (const group of table.rowGroups()) {
      for (let k = 0; k < group.count; k++) {
        const [x, y] = [group.centroid_x_px[k]!, group.centroid_y_px[k]!];
        rows.push({ x, y, text: JSON.stringify([group.id[k], x, y, group.class[k], group.outline[k]]) });
      }
    }
    const { patches } = await readRunRecord(join(result.folder, 'run.json'));
    return { rows, patches };
  };

  test('gives the rows of the full table whose centroid lies inside', async () => {
    const full = await rowsOf(path, 'full');
    assert.equal(full.rows.length, (size / 50) ** 2);
    const inside = full.rows.filter(({ x, y }) => x >= 130 && x < 410 && y >= 80 && y < 330);
    assert.ok(inside.length > 20);
    assert.deepEqual((await rowsOf(path, 'part', '130,80,280,250')).rows, inside);
  });

  test('follows blobs that cross its edge as far as they go, and no farther', async () => {
    const slide = join(scratch, 'shapes.tif');
    await largeShapes().write(slide);
    const full = await rowsOf(slide, 'shapes');
    const regions = [
      [300, 300, 20, 20], // within rings within a cell of the net
      [90, 900, 30, 500], // a bar of the net that reaches over the whole slide
      [1000, 1000, 700, 90],
      [1, 1, 60, 60], // the frame, which is cut
    ] as const;
    for (const [x, y, width, height] of regions) {
      const { rows, patches } = await rowsOf(slide, 'region', `${x},${y},${width},${height}`);
      const inside = full.rows.filter(
        (row) => row.x >= x && row.x < x + width && row.y >= y && row.y < y + height,
      );
      assert.ok(inside.length > 0);
      assert.deepEqual(rows, inside, `${x},${y}`);
      assert.ok(patches <= full.patches);
    }
    assert.equal((await rowsOf(path, 'small', '200,200,10,10')).patches, 9, 'a ring of patches around one');
  });
});
