import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { ClassSet } from '../../src/evaluation/classes.js';
import { type FieldMeasures, measureField } from '../../src/evaluation/field.js';
import { overlap } from '../../src/evaluation/label-map.js';
import { readLabelPair } from '../../src/evaluation/labels/image.js';
import { summarise } from '../../src/evaluation/summary.js';
import { needs } from '../../testkit/needs.js';
import { shared } from '../../testkit/shared.js';

const { path: folder, missing } = shared('golden/metrics');

interface Golden {
  images: Record<string, Record<string, number>>;
  detection: { images: string[]; F_d: number; type_accuracy: number; F: Record<string, number> };
  conic: { per_class: number[]; mpq_plus: number };
}

/** hover_net's, PanNuke's and CoNIC's own code made these figures; see the README beside them. */
describe('label maps against the reference code', async () => {
  if (missing !== false) {
    test('image by image', needs(missing), () => {});
    return;
  }
  const golden = JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8')) as Golden;
  const classes = ClassSet.load('pannuke');
  const fields: FieldMeasures[] = [];
  for (const name of golden.detection.images) {
    const read = (side: string) => readLabelPair(join(folder, side, `${name}.instances.png`), classes);
    fields.push(measureField(name, await overlap(await read('truth'), await read('prediction')), 5));
  }
  const summary = summarise(fields, classes.classes);

  for (const field of fields) {
    test(`image ${field.name}: Dice, AJI, AJI+, DQ, SQ, PQ, CoNIC's PQ`, () => {
      const expected = golden.images[field.name]!;
      close(field.dice, expected['dice']!);
      close(field.aji, expected['aji']!);
      close(field.ajiPlus, expected['aji_plus']!);
      close(field.dq, expected['dq']!);
      close(field.sq, expected['sq']!);
      close(field.pq, expected['pq']!);
      close(field.conicPq, expected['conic_pq']!);
    });
  }

  test('detection over all images: F_d, accuracy of types, F per class', () => {
    close(summary.F_d, golden.detection.F_d);
    close(summary.typeAccuracy, golden.detection.type_accuracy);
    for (const { id, F } of summary.classes) {
      const expected = golden.detection.F[id];
      if (expected === undefined) assert.equal(F, null);
      else close(F, expected);
    }
  });

  test("CoNIC's PQ per class and mPQ+", () => {
    summary.classes.forEach(({ PQPlus }, c) => close(PQPlus, golden.conic.per_class[c]!));
    close(summary.mPQPlus, golden.conic.mpq_plus);
  });
});

function close(found: number | null, expected: number): void {
  assert.ok(
    found !== null && Math.abs(found - expected) <= 1e-9,
    `expected ${expected} to 1e-9, found ${found}`,
  );
}
