import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { runCommand } from '../../testkit/command.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { shared } from '../../testkit/shared.js';
import { stubModel } from '../../testkit/stub.js';
import { NucleusTable } from '../../src/table/read.js';

// Masks that users of other tools reported, through the command.

const scratch = scratchFolder();
const { path: cases, missing } = shared('cases/mask-counts-outside');
const slide = join(cases, 'base.tif');
const mpp = 0.499;

async function run(option: string, file: string) {
  const out = join(scratch, `${option}-${file}`);
  const { slides } = await runCommand(slide, '-o', out, option, join(cases, file));
  const table = await NucleusTable.open(join(out, 'base', 'nuclei.parquet'));
  const { summary } = slides[0]!;
  const found = summary.count + summary.set_aside.faint + summary.set_aside.odd;
  return { summary, found, rows: table.rowCount };
}

/** Of all nuclei of the slide, how many have their centroid there. */
async function nucleiLeftOf(x: number) {
  const out = join(scratch, 'whole');
  await runCommand(slide, '-o', out);
  let count = 0;
  const table = await NucleusTable.open(join(out, 'base', 'nuclei.parquet'));
  for await (const { centroid_x_px: centroids } of table.rowGroups(['centroid_x_px']))
    count += centroids.filter((centroid) => centroid < x).length;
  return count;
}

describe('a mask', needs(missing), () => {
  it('counts the nuclei inside it, over its own area', async () => {
    const { summary, found, rows } = await run('--mask', 'half.geojson');
    assert.equal(found, await nucleiLeftOf(320));
    assert.equal(found, rows);
    const { count, tissue_area_mm2: area, density_per_mm2: density } = summary;
    assert.ok(Math.abs(density! - count / area) < 1);
    assert.ok(Math.abs(area - (320 * 640 * mpp ** 2) / 1e6) < 1e-6, `${area} mm2`);
  });

  it('with several polygons and holes as well', async () => {
    const { summary, found } = await run('--mask', 'multi.geojson');
    assert.ok(found > 60 && found < 85, `${found} nuclei`); // 72 lie inside
    const area = (68_800 * mpp ** 2) / 1e6; // of the polygons without their holes, by shapely
    assert.ok(Math.abs(summary.tissue_area_mm2 - area) < 1e-6, `${summary.tissue_area_mm2} mm2`);
  });
});

describe('annotations that are not all areas', needs(shared('cases/geojson-forms').missing), () => {
  const forms = shared('cases/geojson-forms').path;
  const said = 'left out, since they have no area';
  it('give their areas, and what was left out is counted', async () => {
    const out = join(scratch, 'forms');
    const run = async (...args: string[]) =>
      (await runCommand(slide, '-o', out, '--model', stubModel, ...args)).slides[0]!;
    const edge = await run('--mask', join(forms, 'histoqc_edge.geojson'));
    assert.deepEqual(edge.summary.notices.slice(1), [`mask: ${said}: 1 LineString`]);
    assert.ok(Math.abs(edge.summary.tissue_area_mm2 - (200 * 0.499) ** 2 / 1e6) < 1e-6);
    const points = await run('--no-tissue-mask', '--roi', join(forms, 'poly_points.geojson'));
    assert.deepEqual(points.summary.notices.slice(1), [`region: ${said}: 1 MultiPoint`]);
    assert.ok(points.notices.some((notice) => notice.endsWith(`region: ${said}: 1 MultiPoint`)));
  });
});
