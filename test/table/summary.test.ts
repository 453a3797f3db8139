import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { tableClasses } from '../../src/table/context.js';
import { rowsOf } from '../../src/table/rows.js';
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
  // Areas in px: 16, 64, 36 of class 1 and 144 of none; a px has 0.0625 um2. All else is the same for every square.
  const same = (mean: number, sd: number | null) => ({ mean, sd, q1: mean, median: mean, q3: mean });
  const measures = (sd: number | null) => ({
    eccentricity: same(0.6, sd),
    solidity: same(1, sd),
    hematoxylin_od_mean: same(0.5, sd),
    eosin_od_mean: same(0.25, sd),
  });
  const none = { mean: null, sd: null, q1: null, median: null, q3: null };
  assert.deepEqual(summary, {
    slide: 'sample',
    mpp: 0.125,
    tissue_area_mm2: 0.008,
    count: 4,
    density_per_mm2: 500,
    area_um2: { mean: 4.063, sd: 3.514, q1: 1.938, median: 3.125, q3: 5.25, total: 16.25 },
    ...measures(0),
    classes: {
      neoplastic: {
        count: 3,
        fraction: 0.75,
        density_per_mm2: 375,
        area_um2: { mean: 2.417, sd: 1.507, q1: 1.625, median: 2.25, q3: 3.125, total: 7.25 },
        ...measures(0),
      },
      inflammatory: {
        count: 0,
        fraction: 0,
        density_per_mm2: 0,
        area_um2: { ...none, total: 0 },
        eccentricity: none,
        solidity: none,
        hematoxylin_od_mean: none,
        eosin_od_mean: none,
      },
      unclassified: {
        count: 1,
        fraction: 0.25,
        density_per_mm2: 125,
        area_um2: { ...same(9, null), total: 9 },
        ...measures(null),
      },
    },
    set_aside: { faint: 0, odd: 0 },
    not_learned: {},
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

test("nuclei beyond the model's bounds are set aside by name, and the rest is counted", () => {
  const block = squares([
    { x: 0, y: 0, side: 4, type: 1 },
    { x: 10, y: 0, side: 4, type: 1 },
    { x: 20, y: 0, side: 12, type: 1 },
    { x: 40, y: 0, side: 12, type: 2 },
    { x: 60, y: 0, side: 13, type: 2 },
  ]);
  block.probability.set([0.7, 0.75, 0.9, 0.9, 0.7]);
  block.solidity[3] = 0.7;
  const bounded = { ...context, quality: { probability: 0.75, largest_um2: 9, solidity: 0.75 } };
  const builder = new SummaryBuilder(bounded);
  builder.add(block);
  const { count, set_aside, classes } = builder.build({ slide: 's', tissueUm2: 1, cutBlobs: 0, notices: [] });
  assert.deepEqual([count, set_aside], [2, { faint: 2, odd: 1 }]);
  assert.deepEqual([classes.neoplastic!.count, classes.inflammatory!.count], [2, 0]);
  assert.deepEqual(rowsOf(block, bounded).quality, ['faint', 'ok', 'ok', 'odd', 'faint']);
  assert.deepEqual(rowsOf(block, context).quality, ['ok', 'ok', 'ok', 'ok', 'ok'], 'a model without bounds');
});

test('a class that the model has not learned is in no result, and votes for it are void', () => {
  const [none, neoplastic, inflammatory] = context.classes;
  const classes = [none!, neoplastic!, { ...inflammatory!, learned: false }];
  const unlearned = { ...context, classes };
  const block = squares([
    { x: 0, y: 0, side: 4, type: 1 },
    { x: 10, y: 0, side: 4, type: 2 },
  ]);
  const builder = new SummaryBuilder(unlearned);
  builder.add(block);
  const summary = builder.build({ slide: 's', tissueUm2: 1, cutBlobs: 0, notices: [] });
  assert.deepEqual(Object.keys(summary.classes), ['neoplastic', 'unclassified']);
  assert.equal(summary.classes.unclassified!.count, 1);
  assert.deepEqual(summary.not_learned, { inflammatory: 1 });
  assert.match(summary.notices[0]!, /^1 nuclei were voted 'inflammatory', which the model has not learned/);
  const rows = rowsOf(block, unlearned);
  assert.deepEqual(rows.class, ['neoplastic', 'unclassified']);
  assert.deepEqual([...rows.class_share], [0.75, 0]);
  assert.deepEqual(
    tableClasses(classes).map(({ name }) => name),
    ['neoplastic', 'unclassified'],
  );
});

test('quartiles and deviations are those of pandas, in whatever order the nuclei come', () => {
  const values = [0.31, 0.92, 0.4, 0.4, 0.77, 0.05, 0.68];
  const summaryOf = (order: readonly number[]) => {
    const builder = new SummaryBuilder(context);
    for (const value of order) {
      const block = squares([{ x: 0, y: 0, side: 4, type: 1 }]);
      block.eccentricity[0] = value;
      builder.add(block);
    }
    return builder.build({ slide: 's', tissueUm2: 1, cutBlobs: 0, notices: [] });
  };
  const summary = summaryOf(values);
  // pandas.Series(values).describe()
  assert.deepEqual(summary.eccentricity, { mean: 0.5043, sd: 0.3, q1: 0.355, median: 0.4, q3: 0.725 });
  assert.deepEqual(summaryOf(values.toReversed()), summary);
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
  const none = { mean: null, sd: null, q1: null, median: null, q3: null };
  assert.deepEqual(summary.area_um2, { ...none, total: 0 });
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
