import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, it } from 'vitest';
import { HoverslideError } from '../../src/errors.js';
import type { Rgb } from '../../src/slide/pyramid.js';
import { openSlide, type Slide } from '../../src/slide/slide.js';
import { findTissue } from '../../src/tissue/find.js';
import { readMask } from '../../src/tissue/mask-file.js';
import { everything, tissueArea, type TissueMask } from '../../src/tissue/mask.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { shared } from '../../testkit/shared.js';
import { fromFunction, writePaddedSlide, writeSlide } from '../../testkit/slides.js';

const folder = scratchFolder();

/** Whether there is tissue at a level-0 pixel. */
function tissueAt(mask: TissueMask, x: number, y: number): boolean {
  return mask.data[Math.floor(y / mask.scale.y) * mask.width + Math.floor(x / mask.scale.x)] === 1;
}

/** A slide of 1 x 1 mm at 1 um/px, painted by a function. */
async function painted(name: string, color: (x: number, y: number) => Rgb): Promise<Slide> {
  const path = join(folder, `${name}.tif`);
  await writeSlide(path, { width: 1000, height: 1000, mpp: 1, pixels: fromFunction(color) });
  return openSlide(path);
}

const noise = (x: number, y: number) => (Math.imul(x * 7919 + y * 104729, 0x9e3779b1) >>> 29) - 4;

describe('finding tissue', () => {
  it('takes pale and dark stain, and leaves glass of any tint, shadow, black and ink', async () => {
    const parts: { at: [number, number]; color: Rgb; tissue: boolean }[] = [
      { at: [0, 0], color: [236, 216, 230], tissue: true }, // pale eosin
      { at: [1, 0], color: [120, 60, 140], tissue: true },
      { at: [2, 0], color: [60, 20, 90], tissue: true }, // dense nuclei
      { at: [0, 1], color: [215, 90, 120], tissue: true }, // blood
      { at: [1, 1], color: [0, 0, 0], tissue: false }, // padding
      { at: [2, 1], color: [205, 203, 196], tissue: false }, // shadow of the cover slip
      { at: [0, 2], color: [20, 60, 170], tissue: false }, // blue ink
      { at: [1, 2], color: [10, 140, 90], tissue: false }, // green ink
      { at: [2, 2], color: [40, 40, 42], tissue: false }, // black ink
    ];
    const slide = await painted('parts', (x, y) => {
      const inside = x % 333 > 80 && x % 333 < 250 && y % 333 > 80 && y % 333 < 250;
      const part = parts.find(({ at }) => at[0] === Math.floor(x / 333) && at[1] === Math.floor(y / 333));
      const n = noise(x, y);
      const [r, g, b] = inside && part ? part.color : [244, 242, 233]; // yellowish glass
      return [Math.max(0, r + n), Math.max(0, g + n), Math.max(0, b + n)];
    });
    const mask = await findTissue(slide);
    for (const { at, color, tissue } of parts) {
      assert.equal(tissueAt(mask, at[0] * 333 + 165, at[1] * 333 + 165), tissue, `${color.join()}`);
      assert.equal(tissueAt(mask, at[0] * 333 + 20, at[1] * 333 + 20), false, `glass beside ${color.join()}`);
    }
    const area = tissueArea(slide, mask);
    assert.ok(Math.abs(area / (4 * 0.169 ** 2) - 1) < 0.15, `area ${area}`);
    await slide.close();
  });

  it('fills small holes, keeps large ones, drops specks', async () => {
    const slide = await painted('holes', (x, y) => {
      const speck = Math.hypot(x - 60, y - 60) < 15;
      const tissue = Math.hypot(x - 500, y - 500) < 400;
      const small = Math.hypot(x - 300, y - 500) < 60;
      const large = Math.hypot(x - 620, y - 500) < 190;
      return speck || (tissue && !small && !large) ? [190, 120, 170] : [243, 243, 243];
    });
    const mask = await findTissue(slide);
    assert.equal(tissueAt(mask, 60, 60), false);
    assert.equal(tissueAt(mask, 300, 500), true);
    assert.equal(tissueAt(mask, 620, 500), false);
    assert.equal(tissueAt(mask, 500, 150), true);
    await slide.close();
  });

  it('leaves out transparent padding, and takes a field full of tissue', async () => {
    const path = join(folder, 'padded.scn');
    const frame = { width: 1500, height: 1200, x: 400, y: 200 };
    const pixels = fromFunction(() => [190, 120, 170]);
    await writePaddedSlide(path, { width: 600, height: 500, mpp: 1, frame, pixels });
    const slide = await openSlide(path);
    const mask = await findTissue(slide);
    assert.ok(Math.abs(tissueArea(slide, mask) / 0.3 - 1) < 0.05);
    assert.deepEqual([tissueAt(mask, 700, 450), tissueAt(mask, 300, 450)], [true, false]);
    await slide.close();
  });

  const tif = shared('slides/tcga-v5-a7re.tif');
  it('finds the section of a real slide, twice the same', needs(tif.missing), async () => {
    const slide = await openSlide(tif.path);
    const mask = await findTissue(slide);
    const area = tissueArea(slide, mask);
    assert.ok(area > 2.1 && area < 2.5, `area ${area}`);
    assert.deepEqual(await findTissue(slide), mask);
    for (const [x, y, tissue] of [
      [8500, 5000, true],
      [11000, 1000, true],
      [2000, 4800, true], // the smaller piece
      [1000, 1000, false],
      [12300, 7500, false],
    ] as const) {
      assert.equal(tissueAt(mask, x, y), tissue, `${x}, ${y}`);
    }
    await slide.close();
  });

  it('takes all of a slide where it is told to', async () => {
    const slide = await painted('all', () => [243, 243, 243]);
    assert.ok(Math.abs(tissueArea(slide, everything(slide)) - 1) < 1e-9);
    assert.equal(tissueArea(slide, await findTissue(slide)), 0);
    await slide.close();
  });
});

describe('tissue masks from files', () => {
  const square = (x: number, y: number, side: number) => [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
    [x, y],
  ];

  async function padded(): Promise<Slide> {
    const path = join(folder, 'bounds.scn');
    const frame = { width: 1000, height: 1000, x: 200, y: 100 };
    await writePaddedSlide(path, {
      width: 700,
      height: 700,
      mpp: 1,
      frame,
      pixels: fromFunction(() => [200, 150, 180]),
    });
    return openSlide(path);
  }

  it('read GeoJSON as QuPath writes it, in its coordinates, with holes', async () => {
    const slide = await padded();
    const polygon = { type: 'Polygon', coordinates: [square(100, 100, 400), square(200, 200, 100)] };
    const feature = { type: 'Feature', id: 'x', geometry: polygon, properties: { objectType: 'annotation' } };
    const second = { type: 'MultiPolygon', coordinates: [[square(550, 550, 80)]] };
    const texts = {
      collection: { type: 'FeatureCollection', features: [feature, { ...feature, geometry: second }] },
      list: [feature, { ...feature, geometry: second }],
      feature: {
        ...feature,
        geometry: { type: 'MultiPolygon', coordinates: [polygon.coordinates, second.coordinates[0]] },
      },
    };
    for (const [name, json] of Object.entries(texts)) {
      const path = join(folder, `${name}.geojson`);
      writeFileSync(path, JSON.stringify(json));
      const mask = await readMask(path, slide);
      // QuPath's (0, 0) is the bounds' corner, level 0's (200, 100)
      assert.equal(tissueAt(mask, 200 + 150, 100 + 150), true);
      assert.equal(tissueAt(mask, 200 + 250, 100 + 250), false, 'hole');
      assert.equal(tissueAt(mask, 200 + 590, 100 + 590), true);
      assert.equal(tissueAt(mask, 200 + 50, 100 + 150), false);
      const area = tissueArea(slide, mask);
      assert.ok(Math.abs(area - (0.16 - 0.01 + 0.0064)) < 0.002, `area ${area}`);
    }
    await slide.close();
  });

  it('read a PNG of any size and depth, laid over the slide', async () => {
    const slide = await padded();
    const path = join(folder, 'mask.png');
    const grey = Uint8Array.from({ length: 50 * 50 }, (_, i) => (i % 50 >= 25 ? 1 : 0));
    await sharp(grey, { raw: { width: 50, height: 50, channels: 1 } })
      .png()
      .toFile(path);
    const mask = await readMask(path, slide);
    assert.deepEqual([mask.width, mask.height, mask.scale.x, mask.scale.y], [50, 50, 20, 20]);
    assert.deepEqual([tissueAt(mask, 499, 10), tissueAt(mask, 500, 10)], [false, true]);
    assert.ok(Math.abs(tissueArea(slide, mask) - 0.5) < 1e-9);
    const deep = Uint16Array.from(grey);
    await sharp(deep, { raw: { width: 50, height: 50, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toFile(path);
    assert.deepEqual((await readMask(path, slide)).data, mask.data);
    await slide.close();
  });

  it('are refused with the file, what was expected and what was found', async () => {
    const slide = await padded();
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text, 'latin1');
      return join(folder, name);
    };
    const point = JSON.stringify({ type: 'Feature', geometry: { type: 'Point', coordinates: [1, 2] } });
    const outside = JSON.stringify({ type: 'Polygon', coordinates: [square(5000, 5000, 10)] });
    for (const [path, kind, message] of [
      [join(folder, 'no-mask.geojson'), 'missing', /no-mask\.geojson/],
      [write('broken.geojson', '{"type":'), 'input', /broken\.geojson: expected GeoJSON/],
      [write('point.geojson', point), 'input', /point\.geojson: expected GeoJSON polygons, found 1 Point/],
      [write('outside.geojson', outside), 'input', /outside\.geojson: expected some tissue/],
      [write('broken.png', '\x89PNG not really'), 'input', /broken\.png: expected GeoJSON or an image/],
    ] as const) {
      await assert.rejects(readMask(path, slide), (error) => {
        assert.ok(error instanceof HoverslideError, String(error));
        assert.equal(error.kind, kind);
        assert.match(error.message, message);
        return true;
      });
    }
    await slide.close();
  });
});
