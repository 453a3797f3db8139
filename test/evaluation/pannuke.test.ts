import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { evaluate } from '../../pipelines/evaluation/evaluate.js';
import { ClassSet } from '../../src/evaluation/classes.js';
import { overlap } from '../../src/evaluation/label-map.js';
import { matchAll, panopticQuality } from '../../src/evaluation/measures/segmentation.js';
import { matchChannels, mergeChannels } from '../../src/evaluation/pannuke-fold.js';
import { openDataSets, openLabelSets, openPredictions } from '../../src/evaluation/test-set.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { shared } from '../../testkit/shared.js';
import { npyHeaderBytes, npyStrings } from './npy-file.js';

const golden = shared('golden/metrics');

interface Golden {
  PQ: Record<string, number | null>;
  tissues: Record<string, { mPQ: number; bPQ: number }>;
  mPQ: number;
  bPQ: number;
}

test("mPQ and bPQ by tissue against PanNuke's own code", needs(golden.missing), async () => {
  const folder = join(golden.path, 'pannuke');
  const expected = (
    JSON.parse(readFileSync(join(golden.path, 'metrics.json'), 'utf8')) as { pannuke: Golden }
  ).pannuke;
  const tissues = JSON.parse(readFileSync(join(folder, 'types.json'), 'utf8')) as string[];
  const scratch = scratchFolder();
  for (const side of ['true', 'pred']) {
    mkdirSync(join(scratch, side));
    copyFileSync(join(folder, `${side}_masks.npy`), join(scratch, side, 'masks.npy'));
  }
  writeFileSync(join(scratch, 'true', 'types.npy'), npyStrings(tissues));

  const sets = openLabelSets(join(scratch, 'true'));
  const predictions = openPredictions('net', join(scratch, 'pred'), sets);
  const classes = [ClassSet.load('pannuke')];
  const [result] = await evaluate(sets, [predictions], { classes });
  const { summary } = result!;
  close(summary.mPQ, expected.mPQ);
  close(summary.bPQ, expected.bPQ);
  for (const { key, PQ } of summary.classes) {
    if (expected.PQ[key] === null) assert.equal(PQ, null);
    else close(PQ, expected.PQ[key]!);
  }
  assert.deepEqual(Object.keys(summary.tissues), Object.keys(expected.tissues));
  for (const [name, { mPQ, bPQ }] of Object.entries(expected.tissues)) {
    close(summary.tissues[name]!.mPQ, mPQ);
    close(summary.tissues[name]!.bPQ, bPQ);
  }
});

describe('channels that overlap', () => {
  // One row of eight pixels; channel 1 has nucleus 5 on pixels 0-3, channel 2 nuclei 5 on 3-4 and 9 on 7.
  const first = Int32Array.of(5, 5, 5, 5, 0, 0, 0, 0);
  const second = Int32Array.of(0, 0, 0, 5, 5, 0, 0, 9);
  const none = new Int32Array(8);
  const channels = [first, second, none, none, none];

  test('merge into one map in which the later channel has the pixel', async () => {
    const map = mergeChannels('x', 8, channels);
    assert.deepEqual([...(await map.rows(0, 1))], [1, 1, 1, 2, 2, 0, 0, 3]);
    assert.deepEqual(
      [...map.classes!],
      [
        [1, 1],
        [2, 2],
        [3, 2],
      ],
    );
  });

  test('count in both channels when classes are judged one by one', async () => {
    // Predicted: channel 1 exactly; in channel 2 pixel 4 alone (IoU 1/2, no match) and nothing at 7.
    const predicted = [first, Int32Array.of(0, 0, 0, 0, 1, 0, 0, 0), none, none, none];
    const matches = await matchChannels(8, channels, predicted);
    assert.deepEqual(matches[0], { tp: 1, fp: 0, fn: 0, iou: 1 });
    assert.deepEqual(matches[1], { tp: 0, fp: 1, fn: 2, iou: 0 });
    assert.equal(panopticQuality(matches[2]!), null);
    // Merged, nucleus 1 is 0-2 in truth and 0-3 in the prediction: IoU 3/4; pixel 4 is half of 3-4.
    const all = matchAll(await overlap(mergeChannels('t', 8, channels), mergeChannels('p', 8, predicted)));
    assert.deepEqual(all, { tp: 1, fp: 1, fn: 2, iou: 0.75 });
  });
});

describe('folds', () => {
  const side = 4;
  /** A fold of two tiles; its first tile has one neoplastic nucleus of the pixels given. */
  function writeFold(root: string, number: number, pixels: number[], values = Float64Array): void {
    const masks = new values(2 * side * side * 6);
    pixels.forEach((pixel) => (masks[pixel * 6] = 1));
    const place = (kind: string) => join(root, `Fold ${number}`, kind, `fold${number}`);
    mkdirSync(place('masks'), { recursive: true });
    mkdirSync(place('images'), { recursive: true });
    const body = Buffer.from(masks.buffer);
    writeFileSync(
      join(place('masks'), 'masks.npy'),
      Buffer.concat([npyHeaderBytes('<f8', [2, side, side, 6]), body]),
    );
    writeFileSync(join(place('images'), 'types.npy'), npyStrings(['Colon', 'Bile-duct']));
    const images = Buffer.from(new Float64Array(2 * side * side * 3).fill(200).buffer);
    writeFileSync(
      join(place('images'), 'images.npy'),
      Buffer.concat([npyHeaderBytes('<f8', [2, side, side, 3]), images]),
    );
  }

  const root = scratchFolder();
  const right = [0, 1, 2, 3];
  const half = [0, 1, 2];
  for (const number of [1, 2, 3]) writeFold(join(root, 'truth'), number, right);
  writeFold(join(root, 'net'), 1, right);
  writeFold(join(root, 'net'), 2, right);
  writeFold(join(root, 'net'), 3, half);

  test('are measured by splits: test folds 3, 3 and 1', async () => {
    const sets = openDataSets(join(root, 'truth'));
    assert.deepEqual(
      sets.map(({ fold, fields }) => [fold, fields.map(({ name }) => name)]),
      [
        [1, ['fold1-0000', 'fold1-0001']],
        [2, ['fold2-0000', 'fold2-0001']],
        [3, ['fold3-0000', 'fold3-0001']],
      ],
    );
    const predictions = openPredictions('net', join(root, 'net'), sets);
    const results = await evaluate(sets, [predictions], { classes: [ClassSet.load('pannuke')] });
    const iou = 0.75 / (1 + 1e-6);
    assert.deepEqual(
      results.map(({ split, summary }) => [split, summary.bPQ, summary.tissues['Bile-duct']!.bPQ]),
      [
        ['1-2-3', iou, null],
        ['2-1-3', iou, null],
        ['3-2-1', 1 / (1 + 1e-6), null],
      ],
    );
  });

  test('give their images', async () => {
    const [set] = openDataSets(join(root, 'truth'));
    const { data, ...size } = await set!.fields[1]!.image!.read();
    assert.deepEqual(size, { width: side, height: side });
    assert.ok(data.every((value) => value === 200));
  });

  test('say which file is cut short', () => {
    const cut = join(scratchFolder(), 'fold1');
    mkdirSync(cut);
    writeFileSync(join(cut, 'masks.npy'), npyHeaderBytes('<f8', [2, side, side, 6]));
    assert.throws(() => openLabelSets(cut), {
      name: 'HoverslideError',
      message: /fold1\/masks\.npy: expected \d+ bytes/,
    });
  });
});

function close(found: number | null, expected: number): void {
  assert.ok(
    found !== null && Math.abs(found - expected) <= 1e-9,
    `expected ${expected} to 1e-9, found ${found}`,
  );
}
