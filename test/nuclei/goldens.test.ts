// What the reference code gave for each of these maps: our reference mode must give the same, pixel for pixel.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { postprocessFolder } from '../../pipelines/field/postprocess.js';
import { readNpy } from '../../src/npy.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { shared } from '../../testkit/shared.js';

interface Listing {
  readonly width: number;
  readonly height: number;
  readonly nuclei: { readonly id: number; readonly [field: string]: unknown }[];
}

const { path: maps, missing } = shared('golden/maps');
const cases = missing ? [] : readdirSync(maps).filter((name) => existsSync(join(maps, name, 'np.npy')));
const out = scratchFolder();

test('expected results are there', needs(missing), () => {
  assert.equal(cases.length, 13);
});

for (const name of cases) {
  test(`reference mode gives the expected instances and nuclei of ${name}`, async () => {
    const folder = join(out, name);
    const count = await postprocessFolder(join(maps, name), folder, { mode: 'reference' });

    const expected = readNpy(join(maps, name, 'instances.npy'));
    const given = readNpy(join(folder, 'instances.npy'));
    assert.deepEqual(given.shape, expected.shape);
    assert.ok(given.data instanceof Int32Array);
    const idOf = renumbering(given.data, expected.data as Int32Array);

    const listed = JSON.parse(readFileSync(join(folder, 'nuclei.json'), 'utf8')) as Listing;
    const { nuclei } = JSON.parse(readFileSync(join(maps, name, 'nuclei.json'), 'utf8')) as Listing;
    assert.deepEqual([listed.height, listed.width], expected.shape);
    assert.equal(count, nuclei.length);
    assert.deepEqual(
      listed.nuclei.map((nucleus) => ({ ...nucleus, id: idOf.get(nucleus.id) })),
      nuclei,
    );
  });
}

/** From each id of `given` to that of `expected`; they must name the same pixels. */
function renumbering(given: Int32Array, expected: Int32Array): Map<number, number> {
  const forwards = new Map([[0, 0]]);
  const backwards = new Map([[0, 0]]);
  for (const [i, id] of given.entries()) {
    const other = expected[i]!;
    if (!forwards.has(id) && !backwards.has(other)) {
      forwards.set(id, other);
      backwards.set(other, id);
    }
    if (forwards.get(id) !== other || backwards.get(other) !== id) {
      assert.fail(`pixel ${i} has id ${id}, expected that of ${other}`);
    }
  }
  return forwards;
}
