import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import ts from 'typescript';
import { addon } from '../src/native.js';
import { packageRoot } from '../src/package-root.js';

/** The names that an interface of src/addon.ts declares, sorted. */
function declared(name: string): string[] {
  const file = join(packageRoot, 'src', 'addon.ts');
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const found = source.statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  );
  assert.ok(found && ts.isInterfaceDeclaration(found), `src/addon.ts declares ${name}`);
  return found.members.map((member) => (member.name as ts.Identifier).text).sort();
}

/** What a class offers, but for its constructor, sorted. */
const members = (constructor: { prototype: object }) =>
  Object.getOwnPropertyNames(constructor.prototype)
    .filter((name) => name !== 'constructor')
    .sort();

const lattice = { patch: 12, stride: 8, width: 16, height: 8 };
const patches = Uint32Array.of(0, 0, 1, 0);
const map = new Uint8Array(8 * 8 * 4);
const patch = new Uint8Array(12 * 12 * 3);

describe('the addon', () => {
  it('exports the names that src/addon.ts declares, and no others', () => {
    assert.deepEqual(Object.keys(addon()).sort(), declared('Addon'));
  });

  it('has classes with the members that src/addon.ts declares, and no others', () => {
    assert.deepEqual(members(addon().Stitcher), declared('Stitcher'));
    assert.deepEqual(members(addon().OverlapCounter), declared('OverlapCounter'));
  });

  // Each call is wrong in one argument; what is refused is what JavaScript, without types, can pass.
  const refused: [call: (native: ReturnType<typeof addon>) => unknown, TypeError | RangeError][] = [
    [(n) => n.release({} as never), new TypeError('release: array: expected a typed array, found an object')],
    [
      (n) => n.openSlideLibrary(7 as never),
      new TypeError('openSlideLibrary: library: expected a string, found 7'),
    ],
    [
      (n) => n.openSlideReadRegion({}, 0, 0, 0, 1, 1, 0),
      new TypeError('openSlideReadRegion: handle: expected an open slide, found an object'),
    ],
    [
      (n) => n.openSlideClose(null as never),
      new TypeError('openSlideClose: handle: expected an open slide, found null'),
    ],
    [
      (n) => n.resample(2, 'rgb' as never, 0, 0, 1, 1, 0, 0, 1, 1),
      new TypeError('resample: source: expected a Uint8Array, found a string'),
    ],
    [
      (n) => n.sourceRange(0, 0, 1),
      new RangeError('sourceRange: scale: expected a number above 0, found 0.000000'),
    ],
    [(n) => n.sourceRange(1, 0.5, 1), new TypeError('sourceRange: begin: expected an integer, found 0.5')],
    [
      (n) => n.segmentBlobs(new Uint8Array(0), 0, 1, true as never, 1, 21, 0.4),
      new TypeError('segmentBlobs: vMin: expected a number, found true'),
    ],
    [
      (n) =>
        n.referenceInstances(new Float64Array(1) as never, new Float32Array(1), new Float32Array(1), 1, 1),
      new TypeError('referenceInstances: np: expected a Float32Array, found a Float64Array'),
    ],
    [
      (n) => n.describeInstances(Int32Array.of(1), Uint8Array.of(1), 2 ** 31, 1),
      new RangeError(
        'describeInstances: width: expected an integer from -2147483648 to 2147483647, found 2147483648',
      ),
    ],
    [
      (n) => new n.OverlapCounter().add([1] as never, Int32Array.of(1), 1, 0),
      new TypeError('OverlapCounter.add: first: expected an Int32Array, found an array'),
    ],
    [
      (n) => n.pairByWeight(new Uint32Array(0), new Float64Array(0), -1, 0),
      new RangeError('pairByWeight: firstCount: expected an integer from 0 to 2147483647, found -1'),
    ],
    [
      (n) => new n.Stitcher(undefined as never, patches),
      new TypeError('Stitcher: lattice: expected an object, found nothing'),
    ],
    [
      (n) => new n.Stitcher({ ...lattice, width: '16' as never }, patches),
      new TypeError('Stitcher: lattice.width: expected an integer, found a string'),
    ],
    [
      (n) => new n.Stitcher({ ...lattice, stride: 1025 }, patches),
      new RangeError('Stitcher: lattice.stride: expected an integer from 1 to 1024, found 1025'),
    ],
    [
      (n) => new n.Stitcher(lattice, new Int32Array(2) as never),
      new TypeError('Stitcher: patches: expected a Uint32Array, found an Int32Array'),
    ],
    [
      (n) => new n.Stitcher(lattice, patches, 'saved' as never),
      new TypeError('Stitcher: saved: expected a Uint8Array, found a string'),
    ],
    [
      (n) => new n.Stitcher(lattice, patches).add(patch, 1 as never),
      new TypeError('Stitcher.add: maps: expected a Uint8Array, found 1'),
    ],
    [
      (n) => new n.Stitcher(lattice, patches).add(new Uint8Array(5), map),
      new RangeError('Stitcher.add: patches: expected 432 bytes, found 5'),
    ],
    [
      (n) => new n.Stitcher(lattice, patches).refill(-1, patch, map),
      new RangeError('Stitcher.refill: place: expected an integer from 0 to 4294967295, found -1'),
    ],
  ];
  for (const [call, error] of refused) {
    it(`refuses ${error.message}`, () => {
      assert.throws(() => call(addon()), { name: error.name, message: error.message });
    });
  }

  it('refuses to use a stitcher that is at work, and goes on afterwards', async () => {
    const stitcher = new (addon().Stitcher)(lattice, patches);
    const added = stitcher.add(patch, map);
    assert.throws(() => stitcher.save(), /the stitcher is busy/);
    assert.throws(() => stitcher.add(patch, map), /the stitcher is busy/);
    await added;
    assert.equal(stitcher.position, 1);
    await stitcher.add(patch, map);
    await assert.rejects(stitcher.add(patch, map), {
      name: 'RangeError',
      message: 'no patch is left to add',
    });
    assert.equal(stitcher.position, 2);
  });
});
