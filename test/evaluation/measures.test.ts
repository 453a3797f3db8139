import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { ignored } from '../../src/evaluation/classes.js';
import { measureField } from '../../src/evaluation/field.js';
import { labelMap, overlap, type Overlap } from '../../src/evaluation/label-map.js';
import { countDetermination, multiclassQuality } from '../../src/evaluation/measures/conic.js';
import { confusion, detection } from '../../src/evaluation/measures/detection.js';
import { pannukeQuality } from '../../src/evaluation/measures/pannuke.js';
import {
  aggregatedJaccard,
  aggregatedJaccardPlus,
  conicPanopticQuality,
  dice,
  matchAll,
  matchClass,
  panopticQuality,
} from '../../src/evaluation/measures/segmentation.js';
import { summarise } from '../../src/evaluation/summary.js';

const e = 1e-6; // the published codes add it to denominators

type Classes = Record<number, number>;

/** Two maps of one row each, labels as digits, classes by label. */
function row(
  truth: string,
  prediction: string,
  truthOf: Classes = {},
  predictionOf: Classes = {},
): Promise<Overlap> {
  const map = (digits: string, classes: Classes) =>
    labelMap(
      'row',
      digits.length,
      Int32Array.from(digits, Number),
      new Map(Object.entries(classes).map(([label, id]) => [Number(label), id])),
    );
  return overlap(map(truth, truthOf), map(prediction, predictionOf));
}

function close(found: number | null | undefined, expected: number): void {
  assert.ok(
    typeof found === 'number' && Math.abs(found - expected) <= 1e-12,
    `expected ${expected}, found ${found}`,
  );
}

describe('segmentation, by hand', () => {
  // Pairs 1-1 (3 of 5 pixels) and 2-2 (1 of 3); predicted 3 is on nothing.
  const example = () => row('1111002200', '0111100223');

  test('Dice: twice the 4 shared pixels over 6 + 7', async () => {
    close(dice(await example()), 8 / 13);
  });

  test('AJI: 3 + 1 shared over 5 + 3 joined and 1 left over; AJI+ the same', async () => {
    close(aggregatedJaccard(await example()), 4 / 9);
    close(aggregatedJaccardPlus(await example()), 4 / 9);
  });

  test('PQ: one pair of IoU 3/5, two false, one missed', async () => {
    const matches = matchAll(await example());
    assert.deepEqual(matches, { tp: 1, fp: 2, fn: 1, iou: 0.6 });
    const { dq, sq, pq } = panopticQuality(matches)!;
    close(dq, 1 / 2.5);
    close(sq, 0.6 / (1 + e));
    close(pq, (1 / 2.5) * (0.6 / (1 + e)));
    close(conicPanopticQuality(matches), (1 / (2.5 + e)) * (0.6 / (1 + e)));
  });

  test('AJI gives one predicted nucleus to both true ones, AJI+ to the better', async () => {
    const merged = await row('11122', '77777');
    close(aggregatedJaccard(merged), (3 + 2) / (5 + 5));
    close(aggregatedJaccardPlus(merged), 3 / (5 + 2));
  });

  test('AJI+ pairs for the sum: the second best for one may leave the best for another', async () => {
    // True 1 has IoU 4/9 with 8 and 3/7 with 9, true 2 has 1/6 with 8: 4/9 alone is less than 3/7 + 1/6.
    const chain = await row('111111120', '888899988');
    close(aggregatedJaccardPlus(chain), (3 + 1) / (8 + 9 - 4));
    close(aggregatedJaccard(chain), (4 + 1) / (9 + 6 + 3));
  });

  test('an IoU of exactly one half is no match', async () => {
    assert.equal(matchAll(await row('11', '10')).tp, 0);
    assert.equal(matchAll(await row('111', '110')).tp, 1);
  });

  test('nothing at all is not judged; nothing found, or nothing there, is 0', async () => {
    const field = measureField('empty', await row('000', '000'), 1);
    for (const value of [field.dice, field.aji, field.ajiPlus, field.pq, field.binary, field.classes[0]]) {
      assert.equal(value, null);
    }
    assert.equal(field.conicPq, 0);
    for (const maps of [await row('110', '000'), await row('000', '220')]) {
      assert.deepEqual(
        [
          dice(maps),
          aggregatedJaccard(maps),
          aggregatedJaccardPlus(maps),
          panopticQuality(matchAll(maps))!.pq,
        ],
        [0, 0, 0, 0],
      );
    }
  });

  test('labels need not be contiguous, and a map may be full of one', async () => {
    const maps = labelMap('full', 2, Int32Array.of(70000, 70000, 70000, 70000));
    const full = await overlap(maps, maps);
    assert.equal(dice(full), 1);
    assert.deepEqual(matchAll(full), { tp: 1, fp: 0, fn: 0, iou: 1 });
    assert.deepEqual([...full.truth.centroid], [0.5, 0.5]);
  });
});

describe('classes', () => {
  test('PQ of a class: the right place as another class is missed and false', async () => {
    const maps = await row('1122', '1122', { 1: 1, 2: 1 }, { 1: 1, 2: 2 });
    assert.deepEqual(matchClass(maps, 1), { tp: 1, fp: 0, fn: 1, iou: 1 });
    assert.deepEqual(matchClass(maps, 2), { tp: 0, fp: 1, fn: 0, iou: 0 });
  });

  test('on a nucleus whose class is not judged no class is wrong, beside it it is', async () => {
    const maps = await row('11220', '11003', { 1: ignored, 2: 1 }, { 1: 2, 3: 2 });
    assert.deepEqual(matchClass(maps, 2), { tp: 0, fp: 1, fn: 0, iou: 0 });
    assert.deepEqual(matchAll(maps), { tp: 1, fp: 1, fn: 1, iou: 1 });
  });

  test('without a true class nothing is said of classes', async () => {
    const field = measureField('unlabelled', await row('11', '11', {}, { 1: 2 }), 2);
    const summary = summarise(
      [field],
      [
        { id: 1, key: 'A', name: 'a' },
        { id: 2, key: 'B', name: 'b' },
      ],
    );
    assert.deepEqual(summary.classes, []);
    assert.equal(summary.mPQPlus, null);
    assert.equal(summary.typeAccuracy, null);
    assert.equal(summary.F_d, 1);
  });
});

describe('detection, by hand', () => {
  /** Nuclei of one pixel at (x, 0). */
  const points = (truth: [x: number, id: number][], prediction: [x: number, id: number][]) => {
    const side = (nuclei: [number, number][]) => ({
      count: nuclei.length,
      area: new Float64Array(nuclei.length).fill(1),
      centroid: Float32Array.from(nuclei.flatMap(([x]) => [x, 0])),
      classes: Int16Array.from(nuclei.map(([, id]) => id)),
    });
    return {
      truth: side(truth),
      prediction: side(prediction),
      pairs: new Uint32Array(),
      intersections: new Float64Array(),
    };
  };

  test('pairs within 12 px, F_d, and per class with weight 2 for a wrong class', () => {
    const pairs = confusion(
      points(
        [
          [0, 1], // found as 1
          [100, 1], // found as 2
          [200, 2], // found as 2, exactly 12 px away
          [300, 1], // 12.5 px away: missed
          [400, 2], // missed
        ],
        [
          [3, 1],
          [100, 2],
          [212, 2],
          [312.5, 1], // false
          [700, 2], // false
          [800, 0], // false
        ],
      ),
      2,
    );
    assert.deepEqual(pairs.paired, [
      [0, 0, 0],
      [0, 1, 1],
      [0, 0, 1],
    ]);
    assert.deepEqual(pairs.missed, [0, 1, 1]);
    assert.deepEqual(pairs.extra, [1, 1, 1]);
    const { F_d, precision, recall, typeAccuracy, classes } = detection(pairs);
    close(F_d, (2 * 3) / (2 * 3 + 3 + 2));
    close(precision, 3 / 6);
    close(recall, 3 / 5);
    close(typeAccuracy, 2 / 3);
    // Class 1: one right, one found as 2 (counts twice), one missed, one false.
    close(classes[0]!.F, 2 / (2 + 2 * 0 + 2 * 1 + 1 + 1));
    close(classes[0]!.precision, 1 / (1 + 0 + 1));
    close(classes[0]!.recall, 1 / (1 + 2 + 1));
    // Class 2: one right, one that was 1, one missed, one false.
    close(classes[1]!.F, 2 / (2 + 2 * 1 + 2 * 0 + 1 + 1));
    close(classes[1]!.precision, 1 / (1 + 2 + 1));
    close(classes[1]!.recall, 1 / (1 + 0 + 1));
  });

  test('the sum of distances decides, before the radius does', () => {
    // Nearest first would pair 10 with 9; the least sum pairs 0 with 9 and 10 with 30, of which the second is too far.
    const { paired, missed, extra } = confusion(
      points(
        [
          [0, 1],
          [10, 1],
        ],
        [
          [9, 1],
          [30, 1],
        ],
      ),
      1,
    );
    assert.deepEqual([paired[1]![1], missed[1], extra[1]], [1, 1, 1]);
  });

  test('classes that are not judged count for detection alone', () => {
    const { F_d, typeAccuracy, classes } = detection(
      confusion(
        points(
          [
            [0, ignored],
            [100, ignored],
            [200, 1],
          ],
          [
            [0, 1],
            [200, 1],
          ],
        ),
        1,
      ),
    );
    close(F_d, 4 / (4 + 1));
    assert.equal(typeAccuracy, 1);
    assert.deepEqual(classes, [{ F: 1, precision: 1, recall: 1 }]);
  });

  test('a class that no true nucleus has is null; nothing at all is null', () => {
    const { classes } = detection(confusion(points([[0, 1]], [[0, 2]]), 2));
    assert.deepEqual(classes, [{ F: 0, precision: null, recall: 0 }, null]);
    const { F_d, precision, recall, typeAccuracy } = detection(confusion(points([], []), 1));
    assert.deepEqual([F_d, precision, recall, typeAccuracy], [null, null, null, null]);
  });
});

describe('means', () => {
  test('PanNuke: images by tissue, tissues alike whatever their number of images', () => {
    const images = [
      { tissue: 'Colon', binary: 0.5, classes: [0.4, null] },
      { tissue: 'Colon', binary: 0.7, classes: [0.6, 0.2] },
      { tissue: 'Bile-duct', binary: 0.9, classes: [null, 0.8] },
      { tissue: 'Bile-duct', binary: null, classes: [null, null] },
    ];
    const { mPQ, bPQ, mPQ_images, bPQ_images, classes, tissues } = pannukeQuality(images, 2);
    close(tissues['Colon']!.mPQ, (0.4 + (0.6 + 0.2) / 2) / 2);
    close(tissues['Colon']!.bPQ, 0.6);
    close(mPQ, (0.4 + 0.8) / 2);
    close(bPQ, (0.6 + 0.9) / 2);
    close(mPQ_images, (0.4 + 0.4 + 0.8) / 3);
    close(bPQ_images, (0.5 + 0.7 + 0.9) / 3);
    close(classes[0], 0.5);
    close(classes[1], 0.5);
  });

  test('CoNIC: matches are summed before a quality is taken, and absent classes count as 0', () => {
    const { classes, mPQPlus } = multiclassQuality([
      { tp: 3, fp: 1, fn: 1, iou: 2.4 },
      { tp: 0, fp: 0, fn: 0, iou: 0 },
    ]);
    close(classes[0], (3 / (4 + e)) * (2.4 / (3 + e)));
    close(classes[1], 0);
    close(mPQPlus, classes[0]! / 2);
  });

  test('CoNIC: R2 of the numbers per image', () => {
    // Class 1: errors 0, 0, 1 about a mean of 2: 1 - 1/2. Class 2 never varies: 1 if always right, class 3: 0 if not.
    const truth = [
      [1, 4, 4],
      [2, 4, 4],
      [3, 4, 4],
    ];
    const prediction = [
      [1, 4, 4],
      [2, 4, 5],
      [2, 4, 4],
    ];
    assert.deepEqual(countDetermination(truth, prediction), { classes: [0.5, 1, 0], mean: 0.5 });
    assert.deepEqual(countDetermination([[1]], [[1]]), { classes: [null], mean: null });
  });
});
