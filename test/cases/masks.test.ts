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

async function run(option: string, file: string) {
  const out = join(scratch, `${option}-${file}`);
  const { slides } = await runCommand(slide, '-o', out, option, join(cases, file));
  const table = await NucleusTable.open(join(out, 'base', 'nuclei.parquet'));
  const centroids: [number, number][] = [];
  for await (const rows of table.rowGroups(['centroid_x_px', 'centroid_y_px'])) {
    for (let k = 0; k < rows.count; k++) centroids.push([rows.centroid_x_px[k]!, rows.centroid_y_px[k]!]);
  }
  return { summary: slides[0]!.summary, centroids };
}

describe('a mask', needs(missing), () => {
  it('counts the nuclei inside it, over its own area', async () => {
    const { summary, centroids } = await run('--mask', 'half.geojson');
    assert.ok(summary.count > 90 && summary.count < 120, `${summary.count} nuclei`); // 106 of 176 lie inside
    assert.equal(summary.count, centroids.length);
    const density = summary.count / summary.tissue_area_mm2;
    assert.ok(Math.abs(density - summary.density_per_mm2!) < 1 && Math.abs(density - 2074) < 100);
  });

  it('with several polygons and holes as well', async () => {
    const { summary } = await run('--mask', 'multi.geojson');
    assert.ok(summary.count > 60 && summary.count < 85, `${summary.count} nuclei`); // 72 lie inside
    assert.ok(Math.abs(summary.density_per_mm2! - 4500) < 600, `${summary.density_per_mm2}`);
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
