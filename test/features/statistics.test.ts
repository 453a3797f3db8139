import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { interval, resamples } from '../../src/features/bootstrap.js';
import { allColumns } from '../../src/features/cohort-columns.js';
import { Counts } from '../../src/features/counts.js';
import { features } from '../../src/features/definitions/features.js';
import { dictionaryJson, dictionaryMarkdown } from '../../src/features/dictionary.js';
import { kaplanMeierMean, kmSteps } from '../../src/features/kaplan-meier.js';
import { patientValue } from '../../src/features/patients.js';
import {
  gini,
  moran,
  morisitaHorn,
  variation,
  weightedQuantile,
} from '../../src/features/tile-statistics.js';
import { etaSquared } from '../../src/features/variance.js';
import { packageRoot } from '../../src/package-root.js';

const near = (found: number, expected: number) =>
  assert.ok(Math.abs(found - expected) < 1e-12, `${found}, not ${expected}`);
const once = (values: number[]) => ({ values, weights: values.map(() => 1) });

describe('worked by hand', () => {
  it('tiles of 0, 0, 2 and 6 nuclei', () => {
    const tiles = once([0, 6, 0, 2]);
    near(variation(tiles), Math.sqrt(24 / 3) / 2); // mean 2, squares 4 + 16 + 4 + 0
    near(weightedQuantile(tiles, 0.9), 2 + 0.7 * 4); // place 2.7 of 0, 0, 2, 6
    near(gini(tiles), (2 * (0 + 0 + 6 + 24)) / (4 * 8) - 5 / 4); // ranks 1 to 4
    near(gini(once([3, 3, 3])), 0);
    assert.ok(Number.isNaN(gini(once([0, 0]))) && Number.isNaN(variation(once([0, 0]))));
  });

  it('weights count a tile as often as they say', () => {
    const [short, long] = [{ values: [1, 5, 7], weights: [2, 0, 3] }, once([1, 1, 7, 7, 7])];
    near(gini(short), gini(long));
    near(variation(short), variation(long));
    near(weightedQuantile(short, 0.3), weightedQuantile(long, 0.3));
  });

  it('Moran of a row of tiles 1, 2, 3: neighbours of the ends are the middle', () => {
    near(moran(once([1, 2, 3]), [[1], [0, 2], [1]]), 0); // -1 x 0 + 0 x 0 + 1 x 0 over 2
    near(moran(once([1, 1, 3, 3]), [[1], [0, 2], [1, 3], [2]]), 0.5); // z -1 -1 1 1, lags -1 0 0 1
  });

  it('Morisita-Horn of the same shares is 1, of none in common 0', () => {
    near(morisitaHorn([1, 2, 3], [2, 4, 6], [1, 1, 1]), 1);
    near(morisitaHorn([1, 0], [0, 5], [1, 1]), 0);
  });

  it('Kaplan-Meier: of four nuclei two find a neighbour at 10 um and one at 30, one ends at an edge at 20', () => {
    const steps = (um: number[]) => {
      const counts = new Uint32Array(kmSteps + 1);
      for (const each of um) counts[Math.ceil(each / 0.5) - 1]!++;
      return counts;
    };
    // G is 0 up to 10, then 1/2; at 30 um the only one at risk has a neighbour: 1. Steps are ramps of 0.5 um that end there.
    const expected = (0.5 / 2) * 0.5 + 20 * 0.5 + (0.5 * (0.5 + 1)) / 2 - 0.5 * 0.5 + 20 * 1;
    near(kaplanMeierMean(steps([10, 10, 20, 30]), steps([10, 10, 30])), expected / 50);
  });

  it('eta squared of two groups', () => {
    // Values 1, 3 and 5, 7: means 2 and 6 about 4; 16 of 20 lie between the groups.
    assert.deepEqual(etaSquared([1, 3, null, 5, 7], ['a', 'a', 'a', 'b', 'b']), {
      groups: 2,
      slides: 4,
      eta2: 0.8,
      byChance: 1 / 3,
    });
    assert.equal(etaSquared([1, 2], ['a', 'b']), undefined, 'every slide its own group');
    assert.equal(etaSquared([0.1, 0.1, 0.1, 0.1], ['a', 'a', 'b', 'b']), undefined, 'nothing varies');
  });

  it('a patient of two slides: weighted by tissue, what adds up summed, slides without a value left out', () => {
    const parts = [
      { value: 10, tissueMm2: 1 },
      { value: 20, tissueMm2: 3 },
      { value: null, tissueMm2: 50 },
    ];
    assert.equal(patientValue({ adds: false }, parts), 17.5);
    assert.equal(patientValue({ adds: true }, parts), 30);
    assert.equal(patientValue({ adds: false }, [parts[2]!]), null);
  });

  it('counts of steps: quantiles between neighbours, also of values beyond the array', () => {
    const counts = new Counts(100);
    for (const steps of [300, 100, 5_000_000, 200]) counts.add(steps);
    assert.deepEqual([counts.quantile(0), counts.quantile(0.5), counts.quantile(1)], [1, 2.5, 50_000]);
    near(counts.moments.mean, 12_501.5);
  });
});

describe('intervals', () => {
  it('are drawn from the same blocks every time, as many as there are', () => {
    const [first, again] = [[...resamples(7, 50)], [...resamples(7, 50)]];
    assert.deepEqual(first, again);
    assert.ok(first.every((weights) => weights.reduce((sum, each) => sum + each, 0) === 7));
    assert.ok(new Set(first.map(String)).size > 40);
  });

  it('have their width: the mean of 100 blocks of 0 and 1 is 0.5 +- 0.1', () => {
    const values = Array.from(
      resamples(100, 999),
      (weights) => weights.reduce((sum, each, k) => sum + each * (k % 2), 0) / 100,
    );
    const { lo, hi } = interval(values, 0)!;
    assert.ok(Math.abs(lo - 0.402) < 0.02 && Math.abs(hi - 0.598) < 0.02, `${lo} to ${hi}`);
  });

  it('are none where a tenth of the resamples have no value', () => {
    assert.equal(interval([1, 2, 3, 4, 5, 6, 7, NaN, NaN], 0), undefined);
  });
});

describe('the dictionary', () => {
  it('has every column, every feature once, and nothing that names promise too much', () => {
    const { columns, features: entries } = JSON.parse(dictionaryJson()) as Record<
      'columns' | 'features',
      { name: string; definition: string }[]
    >;
    assert.deepEqual(
      columns.map(({ name }) => name),
      allColumns().map(({ name }) => name),
    );
    assert.equal(new Set(columns.map(({ name }) => name)).size, columns.length);
    assert.deepEqual(
      entries.map(({ name }) => name),
      features.map(({ name }) => name),
    );
    assert.ok(features.every(({ definition, formula, source }) => definition && formula && source));
    assert.ok(!features.some(({ name }) => /stil|grade|mito|bud|immunoscore/i.test(name)));
    assert.match(dictionaryMarkdown(), /For research use only/);
  });

  it('in docs/features.md is up to date (node scripts/features.js)', () => {
    const words = (text: string) => text.replaceAll(/[\s|:-]+/g, ' ').replaceAll('_', '*');
    const doc = readFileSync(join(packageRoot, 'docs', 'features.md'), 'utf8');
    assert.equal(words(doc), words(dictionaryMarkdown()));
  });
});
