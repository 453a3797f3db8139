import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import IsValidOp from 'jsts/org/locationtech/jts/operation/valid/IsValidOp.js';
import GeoJSONReader from 'jsts/org/locationtech/jts/io/GeoJSONReader.js';
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import type Polygon from 'jsts/org/locationtech/jts/geom/Polygon.js';
import sharp from 'sharp';
import { describe, it } from 'vitest';
import { openSlide } from '../../src/slide/slide.js';
import { readMask } from '../../src/tissue/mask-file.js';
import { tissueArea, type TissueMask } from '../../src/tissue/mask.js';
import { tissueGeoJson } from '../../src/tissue/tissue-file.js';
import { scratchFolder } from '../../testkit/folder.js';
import { seeded } from '../../testkit/maps.js';
import { Canvas } from '../../testkit/paint.js';
import { assertSameBytes, fixedBytes, readTable, runProduct } from '../../testkit/product.js';
import { fromFunction, writePaddedSlide } from '../../testkit/slides.js';
import { stubColor, stubGround } from '../../testkit/stub.js';

const folder = scratchFolder();

interface TissueFile {
  features: { geometry: object; properties: object }[];
}

describe('the tissue file', () => {
  it('holds valid polygons with holes in QuPath’s coordinates, and gives any mask back pixel for pixel', async () => {
    const path = join(folder, 'padded.scn');
    const frame = { width: 1000, height: 900, x: 203, y: 101 };
    const pixels = fromFunction(() => [200, 150, 180]);
    await writePaddedSlide(path, { width: 700, height: 650, mpp: 1, frame, pixels });
    const slide = await openSlide(path);
    const reader = new GeoJSONReader(new GeometryFactory());
    const random = seeded(16);
    for (const [width, height, found] of [
      [63, 57, true],
      [40, 36, false],
      [97, 88, true],
    ] as const) {
      const scale = { x: slide.width / (width - 0.4), y: slide.height / (height - 0.7) }; // beyond the slide's edge
      const data = Uint8Array.from({ length: width * height }, () => (random() < 0.6 ? 1 : 0));
      const mask: TissueMask = { width, height, data, scale, found };
      const text = tissueGeoJson(slide, mask);
      const file = join(folder, 'tissue.geojson');
      writeFileSync(file, text);
      assert.deepEqual(await readMask(file, slide), mask);

      const { features } = JSON.parse(text) as TissueFile;
      assert.deepEqual(features[0]!.properties, { objectType: 'annotation', name: 'Tissue' });
      const polygons = features.map(({ geometry }) => reader.read(JSON.stringify(geometry)) as Polygon);
      assert.ok(polygons.every((polygon) => new IsValidOp(polygon).isValid()));
      assert.ok(polygons.some((polygon) => polygon.getNumInteriorRing() > 0));
      const area = polygons.reduce((sum, polygon) => sum + polygon.getArea(), 0);
      assert.ok(Math.abs((area * slide.pixelSize.mpp ** 2) / 1e6 / tissueArea(slide, mask) - 1) < 1e-9);
      const first = data.indexOf(1); // of the first row, whose upper left corner begins the first polygon
      const [corner] = polygons[0]!.getCoordinates() as { x: number; y: number }[];
      assert.deepEqual([corner!.x, corner!.y], [first * scale.x - slide.bounds.x, -slide.bounds.y]);

      // Once changed, its polygons count as any others do.
      writeFileSync(file, text.replace('"Tissue"', '"Tumour"'));
      assert.ok((await readMask(file, slide)).polygons);
    }
    await slide.close();
  });

  it('of a slide of another size is refused', async () => {
    const [a, b] = [join(folder, 'a.tif'), join(folder, 'b.tif')];
    await new Canvas(600, 500).write(a);
    await new Canvas(600, 510).write(b);
    const { result } = await runProduct(a, folder, { tissueMask: true });
    await assert.rejects(
      runProduct(b, folder, { mask: join(result.folder, 'tissue.geojson') }),
      /tissue\.geojson: expected the tissue of a slide of 600 x 510 px, found that of one of 600 x 500 px/,
    );
  });
});

describe('a run with the tissue file of another', () => {
  // Two pieces of tissue on glass, and nuclei on them and 12 um beside them.
  const slide = join(folder, 'slide.tif');
  const paint = async () => {
    const canvas = new Canvas(1500, 900, [245, 244, 246]);
    canvas.disc(420, 450, 330, stubGround);
    canvas.fill(1000, 200, 1400, 700, stubGround);
    for (let k = 0; k < 12; k++)
      canvas.disc(150 + 110 * k, 450 + 40 * Math.sin(k), 9, stubColor(1 + (k % 4)));
    canvas.disc(950, 300, 8, stubColor(2));
    await canvas.write(slide, 0.249);
  };
  const png = async (path: string) => {
    const data = Uint8Array.from({ length: 150 * 90 }, (_, i) => (i % 150 < 90 ? 255 : 0));
    await sharp(data, { raw: { width: 150, height: 90, channels: 1 } })
      .png()
      .toFile(path);
  };
  const circle = {
    type: 'Polygon',
    coordinates: [
      [
        [60.3, 100],
        [800, 99.5],
        [790.25, 800],
        [60.3, 100],
      ],
    ],
  };

  it('gives the same bytes, whether tissue was looked for, or came from a picture or from polygons', async () => {
    await paint();
    await png(join(folder, 'mask.png'));
    writeFileSync(join(folder, 'mask.geojson'), JSON.stringify(circle));
    for (const [name, options] of Object.entries({
      found: { tissueMask: true },
      all: { tissueMask: false },
      picture: { mask: join(folder, 'mask.png') },
      polygons: { mask: join(folder, 'mask.geojson') },
    })) {
      const { result } = await runProduct(slide, join(folder, name), options);
      assert.ok(result.summary.count > 2, `${result.summary.count} nuclei`);
      const tissue = join(result.folder, 'tissue.geojson');
      const again = await runProduct(slide, join(folder, `${name} again`), { mask: tissue });
      await assertSameBytes(again.result.folder, await fixedBytes(result.folder), name);
      assert.equal(
        readFileSync(join(again.result.folder, 'tissue.geojson'), 'utf8'),
        readFileSync(tissue, 'utf8'),
      );
    }
    // The nucleus beside the tissue that was found is a row; as a mask of the user's own the same polygons leave it out.
    const found = join(folder, 'found', 'slide', 'tissue.geojson');
    const own = join(folder, 'own.geojson');
    writeFileSync(own, JSON.stringify((JSON.parse(readFileSync(found, 'utf8')) as TissueFile).features));
    const { result } = await runProduct(slide, join(folder, 'own'), { mask: own });
    const centroids = async (at: string) =>
      (await readTable(at, ['centroid_x_px'])).flatMap((rows) =>
        Array.from(rows.centroid_x_px, (x) => Math.round(x)),
      );
    assert.ok((await centroids(join(folder, 'found', 'slide'))).includes(950));
    assert.ok(!(await centroids(result.folder)).includes(950));
  });
});
