import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { runCommand } from '../../testkit/command.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { shared } from '../../testkit/shared.js';
import { NucleusTable } from '../../src/table/read.js';

// Masks that users of other tools reported, through the command.

const scratch = scratchFolder();
const { path: cases, missing } = shared('cases/mask-counts-outside');
const slide = join(cases, 'base.tif');

async function run(option: string, file: string) {
  const out = join(scratch, `${option}-${file}`);
  const { slides } = await runCommand(slide, '-o', out, option, join(cases, file));
  const table = await NucleusTable.open(join(out, 'base', 'nuclei.parquet'));
  const { summary } = slides[0]!;
  const found = summary.count + summary.set_aside.faint + summary.set_aside.odd;
  return { summary, found, rows: table.rowCount };
}

describe('a mask', needs(missing), () => {
  it('counts the nuclei inside it, over its own area', async () => {
    const { summary, found, rows } = await run('--mask', 'half.geojson');
    assert.ok(found > 90 && found < 120, `${found} nuclei`); // 106 of 176 lie inside
    assert.equal(found, rows);
    const { count, tissue_area_mm2: area, density_per_mm2: density } = summary;
    assert.ok(Math.abs(density! - count / area) < 1 && Math.abs(found / area - 2074) < 100);
  });

  it('with several polygons and holes as well', async () => {
    const { summary, found } = await run('--mask', 'multi.geojson');
    assert.ok(found > 60 && found < 85, `${found} nuclei`); // 72 lie inside
    assert.ok(Math.abs(found / summary.tissue_area_mm2 - 4500) < 600);
  });
});
