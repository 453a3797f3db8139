import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import type { NucleiAround } from '../../src/context/around.js';
import { features } from '../../src/features/definitions/features.js';
import { confidentFrom, evaluateSlide, type Found } from '../../src/features/evaluate.js';
import { Gathered } from '../../src/features/gather.js';
import { around, readGolden, slide } from './pattern.js';

const golden = readGolden();
const places = golden.nuclei['x']!.map((_, k) => k);

/** Splits nuclei into portions. */
function portions(nuclei: NucleiAround, size: number): NucleiAround[] {
  const parts: NucleiAround[] = [];
  const cut = <T>(value: T, from: number): T =>
    ArrayBuffer.isView(value)
      ? ((value as unknown as Float64Array).slice(from, from + size) as unknown as T)
      : value;
  for (let from = 0; from < nuclei.count; from += size) {
    const each = <T extends object>(of: T) =>
      Object.fromEntries(Object.entries(of).map(([name, value]) => [name, cut(value as unknown, from)])) as T;
    const count = Math.min(size, nuclei.count - from);
    parts.push({ ...each(nuclei), count, columns: each(nuclei.columns), context: each(nuclei.context) });
  }
  return parts;
}

function evaluate(order: readonly number[], size: number, times = 0): Map<string, Found> {
  const [all, confident] = [
    new Gathered(6),
    new Gathered(6, undefined, ({ columns }, k) => columns.class_share[k]! >= confidentFrom),
  ];
  for (const part of portions(around(golden, order), size)) {
    all.add(part);
    confident.add(part);
  }
  const subject = { roles: slide(golden).roles, classes: [1, 3, 4, 5] };
  return evaluateSlide({ all, confident }, slide(golden), subject, times);
}

const found = evaluate(places, places.length);

describe('features of a pattern', () => {
  const close: Readonly<Record<string, number>> = {
    gcross_tumour_immune_mean50: 1e-6,
    lcross_tumour_immune_50um: 1e-6,
  };
  for (const [name, expected] of Object.entries(golden.features)) {
    const result = found.get(name);
    if (!result) continue;
    it(`${name} is what NumPy, SciPy, esda or spatstat say`, () => {
      const tolerance = close[name] ?? 1e-9;
      assert.ok(result.value !== null, result.reason);
      assert.ok(
        Math.abs(result.value - expected) <= tolerance * Math.max(1, Math.abs(expected)),
        `expected ${expected}, found ${result.value}`,
      );
    });
  }

  it('are all compared, but those of shapes that the pattern does not have', () => {
    const compared = new Set(Object.keys(golden.features));
    const others = features.map(({ name }) => name).filter((name) => !compared.has(name));
    assert.deepEqual(others, [
      'tumour_largest_component_share',
      'tumour_components_per_mm2',
      'lymphoid_aggregate_candidates_n',
      'lymphoid_aggregate_candidates_per_mm2',
      'immune_in_aggregates_fraction',
      'small_tumour_groups_per_mm2_front',
    ]);
  });

  it('of a role that the card does not have are absent', () => {
    assert.ok(!found.has('n_epithelial') && !found.has('fraction_epithelial'));
    assert.equal(golden.features['n_epithelial'], 0);
  });

  it('are the same, bit for bit, whatever the order of rows and the portions', () => {
    const turned = [...places].sort((a, b) => ((a * 7919) % places.length) - ((b * 7919) % places.length));
    assert.deepEqual(evaluate(turned, 97, 29), evaluate(places, places.length, 29));
  });

  it('that lean on doubtful nuclei say so', () => {
    const { value, confident, leans } = found.get('n_tumour')!;
    const sure = places.filter(
      (k) => golden.nuclei['role']![k] === 0 && Math.fround(golden.nuclei['class_share']![k]!) >= 0.6,
    );
    assert.deepEqual([value, confident, leans], [420, sure.length, true]);
    assert.equal(found.get('tumour_eccentricity_median')!.leans, false);
    assert.equal(found.get('n_all')!.confident, undefined);
  });

  it('have a reason and no value where there is too little', () => {
    const few = evaluate(places.slice(0, 150), 150);
    const { value, reason, lo } = few.get('fraction_tumour')!;
    assert.deepEqual([value, reason, lo], [null, '150 nuclei with a role, fewer than 200', null]);
    assert.match(few.get('tumour_area_median_um2')!.reason!, /^\d\d tumour nuclei, fewer than 100$/);
    assert.ok(few.get('n_all')!.value === 150);
  });

  it('have no interval on four blocks', () => {
    assert.deepEqual(
      [found.get('n_all')!.lo, evaluate(places, places.length, 19).get('n_all')!.lo],
      [null, null],
    );
  });
});
