import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { SummaryBuilder, writeSummary } from '../../src/table/summary.js';
import { context, inBlocks, manySquares, squares } from './fixtures.js';
import { temporaryFolder } from './temporary.js';

test('a summary worked by hand', async () => {
  const builder = new SummaryBuilder(context);
  builder.add(
    squares([
      { x: 0, y: 0, side: 4, type: 1 },
      { x: 10, y: 0, side: 8, type: 1 },
      { x: 20, y: 0, side: 12, type: 0 },
    ]),
  );
  builder.add(squares([{ x: 0, y: 40, side: 6, type: 1 }]));
  const summary = builder.build({ slide: 'sample', tissueUm2: 8000, cutBlobs: 1, notices: ['upsampled'] });
  // Areas in px: 16, 64, 36 of class 1 and 144 of none; a px has 0.0625 um2.
  assert.deepEqual(summary, {
    slide: 'sample',
    mpp: 0.125,
    tissue_area_mm2: 0.008,
    count: 4,
    density_per_mm2: 500,
    area_um2: { mean: 4.063, median: 3.125, total: 16.25 },
    classes: {
      neoplastic: {
        count: 3,
        fraction: 0.75,
        density_per_mm2: 375,
        area_um2: { mean: 2.417, median: 2.25, total: 7.25 },
      },
      inflammatory: {
        count: 0,
        fraction: 0,
        density_per_mm2: 0,
        area_um2: { mean: null, median: null, total: 0 },
      },
      unclassified: {
        count: 1,
        fraction: 0.25,
        density_per_mm2: 125,
        area_um2: { mean: 9, median: 9, total: 9 },
      },
    },
    cut_blobs: 1,
    flags: [],
    notices: ['upsampled'],
  });
  const path = join(await temporaryFolder(), 'summary.json');
  await writeSummary(path, summary);
  const text = await readFile(path, 'utf8');
  assert.deepEqual(JSON.parse(text), summary);
  assert.match(text, /^\{\n {2}"slide": "sample",\n[^]*\n\}\n$/);
});

test('the median is that of the sorted areas, and blocks may be cut anywhere', () => {
  const list = manySquares(1001);
  const areas = list.map(({ side }) => side ** 2).sort((a, b) => a - b);
  const facts = { slide: 's', tissueUm2: 1e6, cutBlobs: 0, notices: [] };
  const summaries = [[1001], [7], [500, 1]].map((sizes) => {
    const builder = new SummaryBuilder(context);
    for (const block of inBlocks(list, sizes)) builder.add(block);
    return builder.build(facts);
  });
  assert.equal(summaries[0]!.area_um2.median, Number((areas[500]! * 0.0625).toFixed(3)));
  assert.deepEqual(summaries[1], summaries[0]);
  assert.deepEqual(summaries[2], summaries[0]);
});

test('without tissue there is no density, and without nuclei no mean', () => {
  const summary = new SummaryBuilder(context).build({ slide: 's', tissueUm2: 0, cutBlobs: 0, notices: [] });
  assert.equal(summary.density_per_mm2, null);
  assert.deepEqual(summary.area_um2, { mean: null, median: null, total: 0 });
  assert.equal(summary.classes.neoplastic!.fraction, 0);
});

test('what H&E cannot be is flagged: tiny or huge nuclei, too many of them, all of one class', () => {
  const flagsOf = (side: number, types: readonly number[], tissueUm2: number, count = 200) => {
    const builder = new SummaryBuilder(context);
    builder.add(
      squares(
        Array.from({ length: count }, (_, k) => ({
          x: 60 * (k % 20),
          y: 60 * Math.floor(k / 20),
          side,
          type: types[k % types.length]!,
        })),
      ),
    );
    return builder.build({ slide: 's', tissueUm2, cutBlobs: 0, notices: [] }).flags;
  };
  // A px has 0.0625 um2: sides of 8, 24 and 52 px are 4, 36 and 169 um2.
  assert.deepEqual(flagsOf(24, [1, 2], 1e5), []);
  assert.deepEqual(flagsOf(8, [1, 2], 1e5), ['implausible_area']);
  assert.deepEqual(flagsOf(52, [1, 2], 1e5), ['implausible_area']);
  assert.deepEqual(flagsOf(24, [1, 2], 1e4), ['implausible_density']);
  assert.deepEqual(flagsOf(24, [1], 1e5), ['one_class']);
  assert.deepEqual(flagsOf(8, [1], 1e3, 20), [], 'too few to say');
});
