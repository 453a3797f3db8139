import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { columns } from '../../src/table/columns.js';
import { nucleusId } from '../../src/table/id.js';
import { columnTable, withColumnTable } from '../../src/table/readme.js';
import { context, squares } from './fixtures.js';

/** Row k of a block, by column. */
function row(block: ReturnType<typeof squares>, k: number): Record<string, unknown> {
  return Object.fromEntries(columns.map((column) => [column.name, column.value(block, k, context)]));
}

test('a row worked by hand: 8 model px with a hole of 2, at 2 level-0 px per model px of 0.125 um', () => {
  const block = squares([
    { x: 0, y: 0, side: 4, type: 1 },
    { x: 10, y: 20, side: 8, type: 2, hole: 2 },
  ]);
  const { id, ...rest } = row(block, 1);
  assert.equal(id, nucleusId(context.slideHash, 10, 20));
  assert.deepEqual(rest, {
    centroid_x_px: 28, // (10 + 4) * 2
    centroid_y_px: 48,
    centroid_x_um: 3.5, // 28 * 0.125
    centroid_y_um: 6,
    class: 'inflammatory',
    class_share: 0.75,
    nuclear_probability: 0.875,
    quality: 'ok',
    area_um2: 3.75, // (64 - 4) * 0.25^2
    perimeter_um: 8, // 32 * 0.25
    major_axis_um: 2.5,
    minor_axis_um: 2,
    eccentricity: 0.6,
    solidity: 1,
    circularity: (4 * Math.PI * 60) / 32 ** 2,
    orientation_rad: -0.5,
    hematoxylin_od_mean: 0.5,
    hematoxylin_od_sd: 0.125,
    eosin_od_mean: 0.25,
    eosin_od_sd: 0.0625,
    bbox_xmin_px: 20,
    bbox_ymin_px: 40,
    bbox_xmax_px: 36,
    bbox_ymax_px: 56,
    outline: [
      Float64Array.of(20, 40, 36, 40, 36, 56, 20, 56, 20, 40),
      Float64Array.of(26, 46, 30, 46, 30, 50, 26, 50, 26, 46),
    ],
  });
});

test('a nucleus of background votes only is unclassified, and circularity stops at 1', () => {
  const block = squares([{ x: 0, y: 0, side: 4, type: 0 }]);
  block.perimeter[0] = 12;
  const { class: name, circularity } = row(block, 0);
  assert.equal(name, 'unclassified');
  assert.equal(circularity, 1);
});

test('a class that the card does not have is a fault, not a row', () => {
  const block = squares([{ x: 0, y: 0, side: 4, type: 9 }]);
  assert.throws(() => row(block, 0), { kind: 'model', message: /class 9/ });
});

test("ids are version 5 UUIDs, as Python's uuid.uuid5 computes them", () => {
  // uuid.uuid5(uuid.UUID('5e0f3d0a-7c4b-4b0e-9d5a-1b6f2c88e417'), 'a' * 64 + ':10,20')
  assert.equal(nucleusId('a'.repeat(64), 10, 20), '4deac65e-ccd8-585d-a501-2abb43db5e84');
  const ids = new Set<string>();
  for (let x = 0; x < 50; x++) for (let y = 0; y < 50; y++) ids.add(nucleusId('slide', x, y));
  assert.equal(ids.size, 2500);
  assert.notEqual(nucleusId('slide', 1, 11), nucleusId('slide', 11, 1));
  assert.notEqual(nucleusId('slide', 1, 1), nucleusId('other slide', 1, 1));
});

test('the column table is well-formed, and the one in the README is it', () => {
  const lines = columnTable().split('\n');
  assert.equal(lines.length, columns.length + 2);
  assert.ok(lines.every((line) => line.split(' | ').length === 4 && line.length === lines[0]!.length));
  const path = join(packageRoot, 'README.md');
  const readme = readFileSync(path, 'utf8');
  assert.equal(readme, withColumnTable(readme), 'run node scripts/columns.js');
});
