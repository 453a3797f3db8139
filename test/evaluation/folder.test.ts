import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'vitest';
import { evaluationBinding } from '../../src/evaluation/binding.js';
import { imageFiles, labelFiles } from '../../src/evaluation/folder.js';
import { openDataSets } from '../../src/evaluation/test-set.js';
import { scratchFolder } from '../../testkit/folder.js';

/** A folder with empty files. */
function tree(name: string, files: readonly string[]): string {
  const root = join(scratchFolder(), name);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  return root;
}

/** Names of the fields with their label and image, as paths below the root. */
function pairs(root: string): [string, string, string | undefined][] {
  const images = imageFiles(root);
  const below = (file: string | undefined) => file?.slice(root.length + 1);
  return [...labelFiles(root)].map(([name, file]) => [name, below(file)!, below(images.get(name))]);
}

describe('data sets as they come', () => {
  test('CoNSeP: images and labels apart, overlays of the same names', () => {
    const root = tree('consep', [
      'Test/Images/test_1.png',
      'Test/Labels/test_1.mat',
      'Test/Overlay/test_1.png',
      'Test/.DS_Store',
    ]);
    assert.deepEqual(pairs(root), [['test_1', 'Test/Labels/test_1.mat', 'Test/Images/test_1.png']]);
    assert.equal(openDataSets(root)[0]!.classes.name, 'consep');
  });

  test('Lizard: images in two folders', () => {
    const root = tree('lizard', [
      'lizard_images1/Lizard_Images1/glas_1.png',
      'lizard_images2/Lizard_Images2/crag_2.png',
      'Lizard_Labels/Labels/glas_1.mat',
      'Lizard_Labels/Labels/crag_2.mat',
      'Lizard_Labels/info.csv',
    ]);
    assert.deepEqual(pairs(root), [
      ['crag_2', 'Lizard_Labels/Labels/crag_2.mat', 'lizard_images2/Lizard_Images2/crag_2.png'],
      ['glas_1', 'Lizard_Labels/Labels/glas_1.mat', 'lizard_images1/Lizard_Images1/glas_1.png'],
    ]);
  });

  test('MoNuSeg: TIFF beside XML', () => {
    const root = tree('monuseg', ['Tissue Images/TCGA-18.tif', 'Annotations/TCGA-18.xml']);
    assert.deepEqual(pairs(root), [['TCGA-18', 'Annotations/TCGA-18.xml', 'Tissue Images/TCGA-18.tif']]);
    assert.equal(openDataSets(root)[0]!.classes.classes.length, 0);
  });

  test('PUMA: labels named after their images', () => {
    const root = tree('puma', ['rois/roi_001.tif', 'nuclei/roi_001_nuclei.geojson']);
    assert.deepEqual(pairs(root), [['roi_001', 'nuclei/roi_001_nuclei.geojson', 'rois/roi_001.tif']]);
  });

  test('the form with instances and types; class ids of a parent folder', () => {
    const root = tree('lizard', [
      'train/images/a.jpg',
      'train/labels/a.instances.png',
      'train/labels/a.types.png',
    ]);
    const split = join(root, 'train');
    assert.deepEqual(pairs(split), [['a', 'labels/a.instances.png', 'images/a.jpg']]);
    assert.equal(openDataSets(split)[0]!.classes.name, 'lizard');
  });

  test('the output of hoverslide run: a table per slide, and other files of no matter', () => {
    const root = tree('out', [
      'b/nuclei.parquet',
      'b/summary.json',
      'b/overview.png',
      'a/nuclei.parquet',
      'a/run.json',
    ]);
    assert.deepEqual(
      [...labelFiles(root)],
      [
        ['a', join(root, 'a/nuclei.parquet')],
        ['b', join(root, 'b/nuclei.parquet')],
      ],
    );
  });

  test('two labels for one field, or none at all, are refused', () => {
    const twice = tree('twice', ['json/a.json', 'mat/a.mat']);
    assert.throws(() => labelFiles(twice), {
      message: /twice: expected one file for 'a'; found .*json\/a\.json and .*mat\/a\.mat/,
    });
    assert.throws(() => labelFiles(tree('empty', ['notes.txt'])), { message: /empty: expected labels as/ });
    assert.throws(() => labelFiles('/no/such/folder'), {
      message: '/no/such/folder: expected a folder; there is none',
    });
  });
});

describe('the kernels refuse what they cannot take', () => {
  const binding = evaluationBinding();
  const labels = Int32Array.of(0, 1, 2, 3);

  test('overlap', () => {
    const counter = new binding.OverlapCounter();
    assert.throws(() => counter.add(labels, Int32Array.of(1), 2, 0), RangeError);
    assert.throws(() => counter.add(labels, labels, 3, 0), RangeError);
    assert.throws(() => counter.add(labels, labels, 0, 0), RangeError);
    assert.throws(() => counter.add(labels, labels, 1.5, 0), TypeError);
    assert.throws(() => counter.add(Int32Array.of(-1), Int32Array.of(1), 1, 0), RangeError);
    assert.throws(() => counter.add(new Float32Array(4) as unknown as Int32Array, labels, 2, 0), TypeError);
  });

  test('pairing', () => {
    assert.throws(() => binding.pairPoints(Float32Array.of(1), Float32Array.of(1, 2)), TypeError);
    assert.throws(() => binding.pairPoints(Float32Array.of(NaN, 2), Float32Array.of(1, 2)), RangeError);
    assert.throws(() => binding.pairByWeight(Uint32Array.of(0, 5), Float64Array.of(1), 1, 1), RangeError);
    assert.throws(() => binding.pairByWeight(Uint32Array.of(0, 0), Float64Array.of(0), 1, 1), RangeError);
    assert.throws(() => binding.pairByWeight(Uint32Array.of(0, 0), Float64Array.of(1, 2), 1, 1), RangeError);
  });
});
