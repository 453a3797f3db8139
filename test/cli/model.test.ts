import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, test } from 'vitest';
import type { ModelCard } from '../../src/model/card.js';
import { openModel, writeCard } from '../../src/model/model.js';
import { packageRoot } from '../../src/package-root.js';
import { readSummary } from '../../src/table/summary.js';
import { scratchFolder } from '../../testkit/folder.js';
import { Canvas, type Paint } from '../../testkit/paint.js';
import { stubColor, stubModel } from '../../testkit/stub.js';

const scratch = scratchFolder();
const bin = join(packageRoot, 'bin', 'hoverslide.cjs');
const sample = join(packageRoot, 'samples', 'tcga-v5-a7re-region.tif');

function hoverslide(...args: string[]) {
  return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });
}

/** Nuclei of two classes with h and v as a net gives them, or with the two swapped; some touch their neighbour. */
function nuclei(swapped = false): Canvas {
  const canvas = new Canvas(900, 800);
  for (let row = 0; row < 14; row++) {
    for (let column = 0; column < 14; column++) {
      const radius = 12;
      const x = 40 + 60 * column - (column % 2 ? 36 : 0);
      const y = 40 + 55 * row;
      const paint: Paint = (u, v) => {
        const h = 128 + Math.round((100 * (u + 0.5 - x)) / radius);
        const w = 128 + Math.round((100 * (v + 0.5 - y)) / radius);
        return swapped ? stubColor(1 + (row % 2), w, h) : stubColor(1 + (row % 2), h, w);
      };
      canvas.disc(x, y, radius, paint);
    }
  }
  return canvas;
}

/** A copy of the stub whose card is changed. */
async function stubWith(name: string, change: Partial<ModelCard>): Promise<string> {
  const model = join(scratch, `${name}.onnx`);
  const { card } = await openModel(stubModel);
  await writeCard(stubModel, { ...card, ...change }, model);
  return model;
}

const right = join(scratch, 'right.tif');
const swapped = join(scratch, 'swapped.tif');

beforeAll(async () => {
  await nuclei().write(right);
  await nuclei(true).write(swapped);
});

describe('models', () => {
  test('in int8 finds what the float net finds', async () => {
    const counts = [];
    for (const name of ['hoverslide-lite0', 'hoverslide-lite0-int8']) {
      const out = join(scratch, name);
      const { status } = hoverslide('run', sample, '-o', out, '--roi', '300,300,500,500', '--model', name);
      assert.equal(status, 0);
      counts.push((await readSummary(join(out, 'tcga-v5-a7re-region', 'summary.json'))).count);
    }
    assert.ok(Math.abs(counts[0]! - counts[1]!) <= 0.05 * counts[0]!, counts.join(' and '));
  });

  test('come with a net whose tables do not depend on how it is run', async () => {
    const tables = [];
    for (const batch of ['3', '8']) {
      const out = join(scratch, `lite0-${batch}`);
      const of = ['--roi', '300,300,500,500', '--model', 'hoverslide-lite0', '--batch', batch];
      assert.equal(hoverslide('run', sample, '-o', out, ...of).status, 0);
      tables.push(readFileSync(join(out, 'tcga-v5-a7re-region', 'nuclei.parquet')));
    }
    assert.deepEqual(tables[0], tables[1]);
    const summary = await readSummary(join(scratch, 'lite0-8', 'tcga-v5-a7re-region', 'summary.json'));
    assert.ok(summary.count > 50, `${summary.count} nuclei`);
  });

  test('are listed, and found by their names from any folder', () => {
    const { stdout } = hoverslide('models');
    assert.match(stdout, /^hoverslide-b0 .*CC BY-NC-SA 4\.0$/m);
    assert.match(stdout, /^hoverslide-lite0-int8 .*CC BY-NC-SA 4\.0\n .*; for processors, not for GPUs$/m);
    assert.match(stdout, /^hoverslide-lite0 .*CC BY-NC-SA 4\.0 \(the default\)$/m);
    const shown = spawnSync(process.execPath, [bin, 'model', 'show', 'hoverslide-b0'], {
      encoding: 'utf8',
      cwd: scratch,
    });
    assert.match(shown.stdout, /^file .*models\/hoverslide-b0\.onnx \(\d/m);
    assert.match(shown.stdout, /^licence +CC BY-NC-SA 4\.0$/m);
    const { status, stderr } = hoverslide(
      'run',
      right,
      '-o',
      join(scratch, 'none'),
      '--model',
      'hoverslide-b9',
    );
    assert.equal(status, 66);
    assert.match(
      stderr,
      /model 'hoverslide-b9': expected an ONNX file or one of hoverslide-b0, hoverslide-lite0, hoverslide-lite0-int8, found neither/,
    );
  });

  test('of a lab go to a table: a card, calibration, a check, a run', () => {
    const model = join(scratch, 'lab.onnx');
    copyFileSync(stubModel, model);
    const card = JSON.parse(hoverslide('model', 'card', stubModel).stdout) as ModelCard;
    const file = join(scratch, 'lab.json');
    writeFileSync(file, JSON.stringify({ ...card, name: 'lab', licence: 'their own', seamless: undefined }));
    const attached = hoverslide('model', 'card', model, '--from', file);
    assert.equal(attached.status, 0, attached.stderr);
    const out = join(scratch, 'lab-out');
    const early = hoverslide('run', right, '-o', out, '--model', model);
    assert.equal(early.status, 68);
    assert.match(early.stderr, /lab\.onnx: expected the constants .* hoverslide model calibrate$/m);

    const calibrated = hoverslide('model', 'calibrate', model, right, '--provider', 'cpu');
    assert.equal(calibrated.status, 0, calibrated.stderr);
    const checked = hoverslide('model', 'check', model, '--slide', right, '--provider', 'cpu');
    assert.match(checked.stdout, /Nothing odd/, checked.stdout);
    assert.equal(checked.status, 0, checked.stderr);
    const run = hoverslide(
      'run',
      right,
      '-o',
      out,
      '--model',
      model,
      '--provider',
      'cpu',
      '--no-tissue-mask',
    );
    assert.equal(run.status, 0, run.stderr);
    const record = JSON.parse(readFileSync(join(out, 'right', 'run.json'), 'utf8')) as {
      model: { card: { name: string; licence: string; seamless: { source: string } } };
    };
    const { name, licence, seamless } = record.model.card;
    assert.deepEqual([name, licence], ['lab', 'their own']);
    assert.match(seamless.source, /^range over \d+ blocks? of tissue of 1 slides?, without labels$/);
  });

  test('with h and v swapped are found out by a check', () => {
    const { status, stdout } = hoverslide(
      'model',
      'check',
      stubModel,
      '--slide',
      swapped,
      '--provider',
      'cpu',
    );
    assert.equal(status, 68);
    assert.match(stdout, /^odd +h follows y and v follows x: the two are swapped$/m);
  });

  test('are calibrated by labels: touching nuclei come apart', async () => {
    const data = join(scratch, 'monuseg');
    for (const folder of ['images', 'labels']) mkdirSync(join(data, folder), { recursive: true });
    const { width, height, data: pixels } = nuclei();
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(data, 'images', 'field.png'));
    const labels = new Canvas(width, height, [0, 0, 0]);
    let id = 0;
    for (let row = 0; row < 14; row++) {
      for (let column = 0; column < 14; column++) {
        id++;
        const x = 40 + 60 * column - (column % 2 ? 36 : 0);
        labels.disc(x, 40 + 55 * row, 12, [id, id, id]);
      }
    }
    const ids = labels.data.filter((_, k) => k % 3 === 0);
    await sharp(ids, { raw: { width, height, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(join(data, 'labels', 'field.instances.png'));
    const model = await stubWith('labelled', {
      seamless: { h: [-9e11, 9e11], v: [-9e11, 9e11], sobel: 21, marker: 0.4 },
    });
    const before = readFileSync(model);
    const out = join(scratch, 'calibrated.onnx');
    const args = ['--data', data, '--mpp', '0.25', '-o', out, '--provider', 'cpu'];
    const { status, stdout, stderr } = hoverslide('model', 'calibrate', model, ...args);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /│ 0 +│.*│ 1 +│$/m, 'the best finds all nuclei as they are');
    assert.match(stdout, /best of a search on 1 labelled fields/);
    assert.deepEqual(readFileSync(model), before, 'with -o the model stays as it was');
    assert.notDeepEqual(readFileSync(out), before);
  });

  test('keep their card if a new one does not fit, and the error names the field', async () => {
    const model = await stubWith('kept', { version: '2' });
    const before = readFileSync(model);
    const wrong = join(scratch, 'wrong.json');
    const attach = (card: unknown) => {
      writeFileSync(wrong, typeof card === 'string' ? card : JSON.stringify(card));
      return hoverslide('model', 'card', model, '--from', wrong);
    };
    const { card } = await openModel(model);
    for (const [change, message] of [
      [{ mpp: 'fine' }, /wrong\.json: model card, 'mpp'/],
      [{ patch: 2048 }, /wrong\.json: model card, 'patch'/],
      [{ seamless: { h: [0, 1], v: [0, 1], sobel: 12 } }, /'seamless\.sobel': expected an odd number/],
    ] as const) {
      const { status, stderr } = attach({ ...card, ...change });
      assert.equal(status, 68);
      assert.match(stderr, message);
    }
    assert.match(attach('{').stderr, /wrong\.json: expected the model card to be JSON/);
    assert.deepEqual(readFileSync(model), before);
    const good = join(scratch, 'good.json');
    writeFileSync(good, JSON.stringify(card));
    const { status, stderr } = hoverslide('model', 'card', wrong, '--from', good);
    assert.equal(status, 68);
    assert.match(stderr, /wrong\.json: expected an ONNX model/);
  });

  test('need slides or labelled fields to be calibrated, not both', () => {
    const { status, stderr } = hoverslide('model', 'calibrate', stubModel);
    assert.equal(status, 64);
    assert.match(stderr, /expected slides, or labelled fields with --data/);
  });
});
