import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, test } from 'vitest';
import { ClassSet } from '../../src/evaluation/classes.js';
import { overlap } from '../../src/evaluation/label-map.js';
import { readLabels } from '../../src/evaluation/labels/read.js';
import { matchAll } from '../../src/evaluation/measures/segmentation.js';
import { npyBytes } from '../../src/npy.js';
import { packageRoot } from '../../src/package-root.js';
import { openTable, tableFiles } from '../../src/table/open.js';
import { rowsOf } from '../../src/table/rows.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { shared } from '../../testkit/shared.js';
import { context, facts, squares } from '../table/fixtures.js';

const pannuke = ClassSet.load('pannuke');
const scratch = scratchFolder();

/** Labels of a file as rows of digits, one per pixel, and its classes. */
async function picture(file: string, classes: ClassSet, width?: number, height?: number) {
  const source = await readLabels(file, classes);
  const map = source.toMap(width ?? source.width, height ?? source.height);
  const labels = await map.rows(0, map.height);
  const rows = Array.from({ length: map.height }, (_, y) =>
    [...labels.subarray(y * map.width, (y + 1) * map.width)].join(' '),
  );
  return { rows, classes: map.classes && [...map.classes] };
}

function write(name: string, content: string | Buffer | object): string {
  const file = join(scratch, name);
  writeFileSync(
    file,
    typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
  );
  return file;
}

/** MATLAB files made by SciPy 1.17.1's savemat; see their arrays in the test. */
describe('MATLAB arrays', () => {
  const data = (name: string) => join(packageRoot, 'test', 'evaluation', 'data', name);
  const rows = ['1 1 0 0 2 2', '1 1 0 0 2 2', '0 0 0 0 0 0', '0 5 5 300 300 300'];

  test("CoNSeP's: doubles, compressed, class by type_map", async () => {
    const found = await picture(data('consep.mat'), ClassSet.load('consep'));
    assert.deepEqual(found.rows, rows);
    // One pixel of nucleus 2 has another class: outvoted.
    assert.deepEqual(found.classes, [
      [1, 2],
      [2, 4],
      [5, 7],
      [300, 1],
    ]);
  });

  test("Lizard's: class by id in any order, arrays that are not numbers passed over", async () => {
    const found = await picture(data('lizard.mat'), ClassSet.load('lizard'));
    assert.deepEqual(found.rows, rows);
    assert.deepEqual(
      new Map(found.classes),
      new Map([
        [1, 3],
        [2, 1],
        [5, 6],
        [300, 2],
      ]),
    );
  });

  test("HoVer-Net's: 64-bit integers, class by inst_uid", async () => {
    const found = await picture(data('hovernet.mat'), pannuke);
    assert.deepEqual(found.rows, ['1 1 0', '2 2 2']);
    assert.deepEqual(
      new Map(found.classes),
      new Map([
        [1, 1],
        [2, 3],
      ]),
    );
  });

  test('a class that the set does not have is named with its file', async () => {
    await assert.rejects(readLabels(data('consep.mat'), pannuke), {
      name: 'HoverslideError',
      message: /consep\.mat: expected the classes 'pannuke' \(1 neoplastic.*\); found 7/,
    });
  });

  test('version 7.3, damage and other files are refused by name', async () => {
    const hdf5 = write('hdf5.mat', 'MATLAB 7.3 MAT-file, Platform: GLNXA64');
    await assert.rejects(readLabels(hdf5, pannuke), {
      message: /hdf5\.mat: .*level 5.*found one of version 7\.3/,
    });
    const whole = readFileSync(data('lizard.mat'));
    const cut = write('cut.mat', whole.subarray(0, whole.length - 100));
    await assert.rejects(readLabels(cut, ClassSet.load('lizard')), { message: /cut\.mat: .*found damage/ });
  });
});

describe('polygons', () => {
  const feature = (coordinates: unknown, name?: string, type = 'Polygon') => ({
    type: 'Feature',
    geometry: { type, coordinates },
    properties: name === undefined ? {} : { classification: { name } },
  });
  const square = (x: number, y: number, side: number) => [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
    [x, y],
  ];

  test('QuPath: a pixel is inside if its centre is, holes are left out, the later of two has a shared pixel', async () => {
    const file = write('qupath.geojson', {
      type: 'FeatureCollection',
      features: [
        feature([square(0, 0, 4), square(1, 1, 2)], 'Neoplastic'),
        feature([square(3.4, 3.4, 1.7)], 'Immune cells'),
        feature([square(3.6, 0.6, 0.8)]),
      ],
    });
    const found = await picture(file, pannuke, 6, 5);
    assert.deepEqual(found.rows, ['1 1 1 1 0 0', '1 0 0 1 0 0', '1 0 0 1 0 0', '1 1 1 2 2 0', '0 0 0 2 2 0']);
    assert.deepEqual(found.classes, [
      [1, 1],
      [2, 2],
      [3, 0],
    ]);
  });

  test('neighbours that share an edge share no pixel and leave none out', async () => {
    const file = write('halves.geojson', [
      feature([
        [
          [0, 0],
          [4, 0],
          [0, 4],
          [0, 0],
        ],
      ]),
      feature([
        [
          [4, 0],
          [4, 4],
          [0, 4],
          [4, 0],
        ],
      ]),
    ]);
    const { rows } = await picture(file, pannuke, 4, 4);
    const counts = rows.join(' ').split(' ').map(Number);
    assert.equal(counts.filter((label) => label === 0).length, 0);
    assert.equal(counts.filter((label) => label === 1).length, 6);
  });

  test("CellViT's MultiPolygon holds a nucleus per polygon; QuPath's cells have their nucleus", async () => {
    const cell = {
      ...feature([square(0, 0, 6)], 'Dead'),
      nucleusGeometry: { type: 'Polygon', coordinates: [square(4, 0, 2)] },
    };
    const multi = feature([[square(0, 0, 1)], [square(2, 1, 1)]], 'Connective', 'MultiPolygon');
    const { rows, classes } = await picture(write('cells.geojson', [multi, cell]), pannuke, 6, 2);
    assert.deepEqual(rows, ['1 0 0 0 3 3', '0 0 2 0 3 3']);
    assert.deepEqual(classes, [
      [1, 3],
      [2, 3],
      [3, 4],
    ]);
  });

  test('PUMA names its classes', async () => {
    const file = write('roi_001_nuclei.geojson', [feature([square(0, 0, 1)], 'nuclei_melanophage')]);
    assert.deepEqual((await picture(file, ClassSet.load('puma'))).classes, [[1, 5]]);
    await assert.rejects(readLabels(file, pannuke), {
      message: /roi_001_nuclei\.geojson: .*found 'nuclei_melanophage'/,
    });
  });

  test('what is no polygon is refused by name', async () => {
    const points = write('points.geojson', [
      { type: 'Feature', geometry: { type: 'Point', coordinates: [1, 2] } },
    ]);
    await assert.rejects(readLabels(points, pannuke), {
      message: /points\.geojson: expected GeoJSON polygons/,
    });
    const broken = write('broken.json', '{"nuc": ');
    await assert.rejects(readLabels(broken, pannuke), { message: /broken\.json: expected JSON/ });
    const other = write('other.json', { weights: [] });
    await assert.rejects(readLabels(other, pannuke), { message: /other\.json: .*found weights/ });
  });

  test("MoNuSeg's XML", async () => {
    const region = (points: number[][]) =>
      `<Region Id="1"><Vertices>${points.map(([x, y]) => `<Vertex X="${x}" Y="${y}" Z="0"/>`).join('')}</Vertices></Region>`;
    const regions =
      region([
        [0, 0],
        [2, 0],
        [2, 2],
        [0, 2],
      ]) +
      region([
        [3, 1],
        [4, 1],
        [4, 2],
        [3, 2],
      ]);
    const xml = `<Annotations MicronsPerPixel="0.252000"><Annotation Id="1"><Regions><RegionAttributeHeaders/>${regions}</Regions></Annotation></Annotations>`;
    const file = write('TCGA-18.xml', xml);
    const { rows } = await picture(file, ClassSet.load('monuseg'), 5, 2);
    assert.deepEqual(rows, ['1 1 0 0 0', '1 1 0 2 0']);
    const html = write('page.xml', '<html/>');
    await assert.rejects(readLabels(html, pannuke), { message: /page\.xml: .*root Annotations; found html/ });
    const cut = write('cut.xml', xml.slice(0, 120));
    await assert.rejects(readLabels(cut, pannuke), { message: /cut\.xml: expected MoNuSeg's XML/ });
  });

  test("hoverslide's own table", async () => {
    const file = join(scratch, tableFiles.parquet);
    const table = await openTable('parquet', file, facts);
    const block = squares([
      { x: 0, y: 0, side: 1, type: 1 },
      { x: 2, y: 1, side: 1, type: 2 },
      { x: 4, y: 0, side: 1, type: 0 },
    ]);
    await table.write(rowsOf(block, context));
    await table.close();
    const { rows, classes } = await picture(file, pannuke, 10, 4);
    const row = (...labels: number[]) => labels.join(' ');
    assert.deepEqual(rows, [
      row(1, 1, 0, 0, 0, 0, 0, 0, 3, 3),
      row(1, 1, 0, 0, 0, 0, 0, 0, 3, 3),
      row(0, 0, 0, 0, 2, 2, 0, 0, 0, 0),
      row(0, 0, 0, 0, 2, 2, 0, 0, 0, 0),
    ]);
    assert.deepEqual(classes, [
      [1, 1],
      [2, 2],
      [3, 0],
    ]);
  });
});

describe("contours of OpenCV, in HoVer-Net's and CellViT's JSON", () => {
  const golden = shared('golden/maps');

  interface Nuclei {
    nuclei: { id: number; contour: [number, number][]; type: number }[];
  }

  for (const name of ['consep_256', 'monuseg_512', 'crowded_384']) {
    test(`${name}: filled, they are the instances they came from`, needs(golden.missing), async () => {
      const folder = join(golden.path, name);
      const instances = (await readLabels(join(folder, 'instances.npy'), pannuke)).toMap(0, 0);
      const { nuclei } = JSON.parse(readFileSync(join(folder, 'nuclei.json'), 'utf8')) as Nuclei;
      const cells = write(`${name}.json`, { cells: nuclei });
      const nuc = write(`${name}-nuc.json`, {
        mag: null,
        nuc: Object.fromEntries(nuclei.map((n) => [n.id, n])),
      });
      for (const file of [cells, nuc]) {
        const map = (await readLabels(file, pannuke)).toMap(instances.width, instances.height);
        const compared = await overlap(instances, map);
        const { tp, fn, iou } = matchAll(compared);
        // The reference lists no nucleus whose contour has fewer than three points.
        assert.equal(compared.prediction.count, nuclei.length);
        assert.ok(fn <= instances.height / 50, `${fn} not found`);
        // Holes are filled, and contours that touch may paint over each other's corners.
        assert.ok(iou / tp > 0.995, `mean IoU ${iou / tp}`);
      }
    });
  }

  test('their types are ids', async () => {
    const file = write('typed.json', {
      nuc: {
        7: {
          contour: [
            [0, 0],
            [1, 0],
            [1, 1],
          ],
          type: 5,
        },
        9: { contour: [[3, 3]], type: null },
      },
    });
    const { rows, classes } = await picture(file, pannuke);
    assert.deepEqual(rows, ['1 1 0 0', '0 1 0 0', '0 0 0 0', '0 0 0 2']);
    assert.deepEqual(classes, [
      [1, 5],
      [2, 0],
    ]);
    const unknown = write('unknown.json', { nuc: { 7: { contour: [[0, 0]], type: 6 } } });
    await assert.rejects(readLabels(unknown, pannuke), { message: /unknown\.json: .*found 6/ });
  });
});

describe('label images', () => {
  test('16 bits stay exact in PNG and TIFF, strip by strip', async () => {
    const [width, height] = [7, 5];
    const labels = Uint16Array.from({ length: width * height }, (_, i) => (i * 1873) % 65536);
    const image = sharp(labels, { raw: { width, height, channels: 1 } }).toColourspace('grey16');
    for (const end of ['png', 'tif']) {
      const file = join(scratch, `labels.${end}`);
      await (end === 'png' ? image.clone().png() : image.clone().tiff({ compression: 'deflate' })).toFile(
        file,
      );
      const map = (await readLabels(file, pannuke)).toMap(0, 0);
      const strips = [...(await map.rows(0, 2)), ...(await map.rows(2, 3))];
      assert.deepEqual(strips, [...labels]);
      assert.equal(map.classes, undefined);
    }
  });

  test('NumPy arrays of any kind of number', async () => {
    for (const Values of [Uint16Array, Int32Array, Float64Array]) {
      const file = write(
        `array-${Values.name}.npy`,
        npyBytes({ shape: [2, 3], data: Values.of(0, 1, 2, 0, 70, 2) }),
      );
      assert.deepEqual((await picture(file, pannuke)).rows, ['0 1 2', '0 70 2']);
    }
    const flat = write('flat.npy', npyBytes({ shape: [6], data: Int32Array.of(0, 1, 2, 0, 70, 2) }));
    await assert.rejects(readLabels(flat, pannuke), {
      message: /flat\.npy: expected labels \[height, width\]; found an array \[6\]/,
    });
  });

  test('the class of a nucleus is that of most of its pixels', async () => {
    const folder = join(scratch, 'pair');
    mkdirSync(folder);
    const save = (name: string, values: number[]) =>
      sharp(Uint8Array.from(values), { raw: { width: 4, height: 2, channels: 1 } })
        .toColourspace('b-w')
        .png()
        .toFile(join(folder, name));
    await save('a.instances.png', [1, 1, 1, 2, 3, 3, 4, 2]);
    await save('a.types.png', [5, 2, 2, 0, 3, 2, 4, 1]);
    const { classes } = await picture(join(folder, 'a.instances.png'), pannuke);
    // Nucleus 2 has one pixel without class and one of class 1, nucleus 3 one each of 2 and 3: the lower id.
    assert.deepEqual(classes, [
      [1, 2],
      [2, 0],
      [3, 2],
      [4, 4],
    ]);
  });

  test('colour images and missing types are refused by name', async () => {
    const color = join(scratch, 'color.png');
    await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
      .png()
      .toFile(color);
    await assert.rejects(readLabels(color, pannuke), {
      message: /color\.png: expected a label image of one channel; found 3/,
    });
    const alone = join(scratch, 'alone.instances.png');
    await sharp(Uint8Array.of(1), { raw: { width: 1, height: 1, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(alone);
    await assert.rejects(readLabels(alone, pannuke), {
      message: /alone\.types\.png: expected the classes 'pannuke'/,
    });
    assert.deepEqual((await picture(alone, ClassSet.load('monuseg'))).rows, ['1']);
  });
});
