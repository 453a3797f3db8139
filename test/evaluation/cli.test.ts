import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { scratchFolder } from '../../testkit/folder.js';
import { Canvas } from '../../testkit/paint.js';
import { stubColor, stubModel } from '../../testkit/stub.js';

const scratch = scratchFolder();
const size = { width: 300, height: 260 };

/** Discs x, y, radius and PanNuke class of two fields; labels 1, 2, ... */
const fields: Record<string, [number, number, number, number][]> = {
  one: [
    [60, 60, 12, 1],
    [150, 70, 15, 2],
    [196, 200, 14, 3],
    [290, 120, 16, 5],
  ],
  two: [
    [40, 200, 10, 1],
    [120.5, 100.5, 18, 1],
    [200, 30, 11, 2],
  ],
};

function evaluate(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(packageRoot, 'bin', 'hoverslide.cjs'), 'evaluate', ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

function report(file: string) {
  return JSON.parse(readFileSync(file, 'utf8')) as {
    results: Record<string, unknown>[];
    paper?: { title: string; columns: string[]; rows: (string | number | null)[][] }[];
  };
}

/** Pixels of a field: value of the disc that covers each, 0 elsewhere. */
function paint(name: string, value: (disc: number) => number): Uint16Array {
  const pixels = new Uint16Array(size.width * size.height);
  fields[name]!.forEach(([x, y, radius], k) => {
    for (let i = 0; i < pixels.length; i++) {
      const [u, v] = [(i % size.width) + 0.5 - x, Math.floor(i / size.width) + 0.5 - y];
      if (u ** 2 + v ** 2 < radius ** 2) pixels[i] = value(k);
    }
  });
  return pixels;
}

async function savePng(file: string, pixels: Uint16Array, bits: 8 | 16): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const data = bits === 16 ? pixels : Uint8Array.from(pixels);
  await sharp(data, { raw: { ...size, channels: 1 } })
    .toColourspace(bits === 16 ? 'grey16' : 'b-w')
    .png()
    .toFile(file);
}

const data = join(scratch, 'pannuke', 'test');
const labels = join(data, 'labels');
const exact = join(scratch, 'exact');
const shifted = join(scratch, 'stardist');

beforeAll(async () => {
  for (const [name, discs] of Object.entries(fields)) {
    await savePng(
      join(labels, `${name}.instances.png`),
      paint(name, (k) => 300 * (k + 1)),
      16,
    );
    await savePng(
      join(labels, `${name}.types.png`),
      paint(name, (k) => discs[k]![3]),
      8,
    );
    const canvas = new Canvas(size.width, size.height);
    for (const [x, y, radius, type] of discs) canvas.disc(x, y, radius, stubColor(type));
    mkdirSync(join(data, 'images'), { recursive: true });
    await sharp(canvas.data, { raw: { ...size, channels: 3 } })
      .png()
      .toFile(join(data, 'images', `${name}.png`));
    // The same nuclei as GeoJSON, a square about each disc; and as label images without classes, the last one missing.
    const features = discs.map(([x, y, r, type]) => ({
      type: 'Feature',
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [x - r, y - r],
            [x + r, y - r],
            [x + r, y + r],
            [x - r, y + r],
            [x - r, y - r],
          ],
        ],
      },
      properties: {
        classification: {
          name: ['Neoplastic', 'Inflammatory', 'Connective', 'Dead', 'Epithelial'][type - 1],
        },
      },
    }));
    mkdirSync(exact, { recursive: true });
    writeFileSync(join(exact, `${name}.geojson`), JSON.stringify({ type: 'FeatureCollection', features }));
    await savePng(
      join(shifted, `${name}.png`),
      paint(name, (k) => (k + 1 < discs.length ? k + 7 : 0)),
      16,
    );
  }
});

describe('hoverslide evaluate', () => {
  test('measures several tools in one run', () => {
    const json = join(scratch, 'tools.json');
    const { status, stdout, stderr } = evaluate(
      '--truth',
      labels,
      '--prediction',
      `QuPath=${exact}`,
      '--prediction',
      shifted,
      '--json',
      json,
    );
    assert.equal(stderr, '');
    assert.equal(status, 0);
    const [qupath, stardist] = report(json).results as {
      prediction: string;
      nuclei: { truth: number; prediction: number };
      F_d: number;
      recall_d: number;
      sq: number;
      typeAccuracy: number;
    }[];
    assert.equal(qupath!.prediction, 'QuPath');
    assert.equal(qupath!.F_d, 1);
    assert.equal(qupath!.typeAccuracy, 1);
    // A disc fills pi/4 of its square; the one at the edge is cut.
    assert.ok(Math.abs(qupath!.sq - Math.PI / 4) < 0.02, `${qupath!.sq}`);
    assert.equal(stardist!.prediction, 'stardist');
    assert.deepEqual(stardist!.nuclei, { truth: 7, prediction: 5 });
    assert.equal(stardist!.recall_d, 5 / 7);
    assert.equal(stardist!.typeAccuracy, 0);
    assert.match(stdout, /Segmentation and detection/);
    assert.match(stdout, /^stardist +2 +7 +5 /m);
  });

  test('predicts a data set and finds what was painted; draws its worst fields; gives the same bytes again', async () => {
    const [json, markdown, pictures] = ['model.json', 'model.md', 'pictures'].map((name) =>
      join(scratch, name),
    );
    const args = [
      '--data',
      data,
      '--model',
      stubModel,
      '--provider',
      'cpu',
      '--json',
      json!,
      '--markdown',
      markdown!,
    ];
    const first = evaluate(...args, '--draw', pictures!);
    assert.equal(first.status, 0, first.stderr);
    const [result] = report(json!).results as {
      pq: number;
      dice: number;
      typeAccuracy: number;
      F_d: number;
      prediction: string;
    }[];
    assert.equal(result!.prediction, 'stub');
    assert.equal(result!.dice, 1);
    assert.equal(result!.F_d, 1);
    assert.equal(result!.typeAccuracy, 1);
    assert.ok(result!.pq > 0.999999);
    const drawn = readdirSync(join(pictures!, 'stub'));
    assert.deepEqual(drawn, ['worst-1-two-pq-1.000.png', 'worst-2-one-pq-1.000.png']);
    const { width, height } = await sharp(join(pictures!, 'stub', drawn[0]!)).metadata();
    assert.deepEqual([width, height], [3 * size.width + 2 * 8, size.height + 2 * 24]);
    const before = [json!, markdown!].map((file) => readFileSync(file, 'utf8'));
    const second = evaluate(...args);
    assert.equal(second.stdout, first.stdout);
    assert.deepEqual(
      [json!, markdown!].map((file) => readFileSync(file, 'utf8')),
      before,
    );
  });

  test('puts the figures beside the published ones', () => {
    const json = join(scratch, 'paper.json');
    const { status, stdout, stderr } = evaluate(
      '--truth',
      labels,
      '--prediction',
      exact,
      '--paper',
      'consep',
      '--truth-classes',
      'pannuke',
      '--json',
      json,
    );
    assert.equal(status, 0, stderr);
    const [elsewhere, trained] = report(json).paper!;
    assert.deepEqual(elsewhere!.columns, [
      '',
      'F_d',
      'F neoplastic',
      'F inflammatory',
      'F epithelial',
      'F miscellaneous',
      'PQ',
    ]);
    assert.deepEqual(elsewhere!.rows[1], [
      'HoVer-UNet',
      '0.742',
      '0.594',
      '0.681',
      '0.603',
      '0.557',
      '0.599',
    ]);
    assert.deepEqual(elsewhere!.rows[2]!.slice(0, 6), ['exact', 1, 1, 1, 1, 1]);
    assert.equal(trained!.rows.length, 4);
    assert.match(stdout, /^HoVer-Net \(PyTorch port\) +0\.8504 +0\.6009 +0\.5464 /m);
  });

  describe('says by file name', () => {
    const refused = (args: string[], status: number, message: RegExp) => {
      const result = evaluate(...args);
      assert.match(result.stderr, message);
      assert.equal(result.status, status);
      assert.equal(result.stdout, '');
    };

    test('what has no prediction, and what has no truth', () => {
      const [here, away] = [join(exact, 'two.geojson'), join(scratch, 'two.geojson')];
      renameSync(here, away);
      refused(['--truth', labels, '--prediction', exact], 66, /exact: expected a prediction of 'two'/);
      refused(
        ['--truth', exact, '--prediction', labels],
        66,
        /two\.instances\.png: expected the truth of 'two'/,
      );
      renameSync(away, here);
    });

    test('an image without labels', async () => {
      const extra = join(data, 'images', 'three.png');
      await sharp({ create: { ...size, channels: 3, background: 'white' } })
        .png()
        .toFile(extra);
      refused(['--data', data, '--model', stubModel], 66, /three\.png: expected the labels of 'three'/);
      rmSync(extra);
    });

    test('sizes that differ', async () => {
      const folder = join(scratch, 'small');
      mkdirSync(folder);
      for (const name of Object.keys(fields)) {
        await sharp(Uint8Array.of(1), { raw: { width: 1, height: 1, channels: 1 } })
          .toColourspace('b-w')
          .png()
          .toFile(join(folder, `${name}.png`));
      }
      refused(
        ['--truth', labels, '--prediction', folder],
        65,
        /small\/one\.png: expected 300 x 260 px as in .*one\.instances\.png; found 1 x 1/,
      );
    });

    test('an unknown class, an unknown set, and options that make no sense', () => {
      refused(
        [
          '--truth',
          labels,
          '--truth-classes',
          'hover-net-consep',
          '--classes',
          'hover-net-consep',
          '--prediction',
          exact,
        ],
        65,
        /one\.types\.png: expected the classes 'hover-net-consep'.*found 5/,
      );
      refused(
        ['--truth', labels, '--prediction', `${exact}@nuclei`],
        64,
        /one of coarse, consep, .*found 'nuclei'/,
      );
      refused(['--truth', labels], 64, /--prediction/);
      refused(['--truth', labels, '--prediction', exact, '--draw', scratch], 64, /--draw: expected images/);
      refused(['--prediction', exact], 64, /either --data or --truth/);
      refused(['--truth', labels, '--prediction', exact, '--prediction', exact], 64, /'exact' twice/);
      refused(['--data', exact], 64, /expected --truth-classes/);
    });
  });
});
