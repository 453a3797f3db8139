import assert from 'node:assert/strict';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, it } from 'vitest';
import { openSlide } from '../../src/slide/slide.js';
import { readMask } from '../../src/tissue/mask-file.js';
import { scratchFolder } from '../../testkit/folder.js';
import { fromFunction, writeSlide } from '../../testkit/slides.js';

const folder = scratchFolder();

describe('a mask that is an image', () => {
  it('is read from any format, by value, and has the shape of the slide', async () => {
    const path = join(folder, 'slide.tif');
    const pixels = fromFunction(() => [200, 150, 180]);
    await writeSlide(path, { width: 600, height: 300, mpp: 0.5, pixels });
    const slide = await openSlide(path);
    const mask = (width: number, height: number, tissue: number) =>
      sharp(
        Uint8Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? tissue : 0)),
        {
          raw: { width, height, channels: 1 },
        },
      );
    for (const [name, tissue] of [
      ['a.png', 1],
      ['a.tif', 255], // JPEG in TIFF, sharp's default
      ['a.gif', 255],
      ['a.jpg', 255],
      ['a.webp', 255],
    ] as const) {
      const file = join(folder, name);
      await mask(60, 30, tissue).toFile(file);
      const { data } = await readMask(file, slide);
      assert.deepEqual([data[10], data[50], data[29 * 60 + 10]], [1, 0, 1], name);
    }
    for (const [width, height] of [
      [60, 31],
      [59, 30],
      [600, 300],
    ] as const) {
      await mask(width, height, 1).toFile(join(folder, 'near.png')); // rounded up or down
      await readMask(join(folder, 'near.png'), slide);
    }
    for (const [width, height] of [
      [60, 60],
      [30, 60],
      [600, 305],
    ] as const) {
      await mask(width, height, 1).toFile(join(folder, 'shape.png'));
      await assert.rejects(
        readMask(join(folder, 'shape.png'), slide),
        /shape\.png: expected the shape of the slide/,
      );
    }
    const white = sharp({ create: { width: 60, height: 30, channels: 3, background: '#ffffff' } });
    const black = { create: { width: 30, height: 30, channels: 3 as const, background: '#000000' } };
    const file = join(folder, 'palette.png');
    await white
      .composite([{ input: black, left: 0, top: 0 }])
      .png({ palette: true, colours: 2 })
      .toFile(file);
    const doubtful = await readMask(file, slide).then(
      ({ data }) => [data[10], data[50]],
      (error: Error) => error.message,
    );
    if (typeof doubtful === 'string')
      assert.match(doubtful, /a palette that shows number 0 as rgb\(255, 255, 255\)/);
    else assert.deepEqual(doubtful, [0, 1]);
    await slide.close();
  });

  it('with JPEG inside a TIFF is no more exact than a JPEG, and 0 in white is of doubtful meaning', async () => {
    const path = join(folder, 'plain.tif');
    await writeSlide(path, {
      width: 640,
      height: 320,
      mpp: 0.5,
      pixels: fromFunction(() => [200, 150, 180]),
    });
    const slide = await openSlide(path);
    const half = Uint8Array.from({ length: 320 * 160 }, (_, i) => (i % 320 < 163 ? 255 : 0));
    const image = sharp(half, { raw: { width: 320, height: 160, channels: 1 } }).toColourspace('b-w');
    const file = join(folder, 'lossy.tif');
    await image.clone().tiff({ compression: 'jpeg', quality: 50 }).toFile(file);
    const { data } = await readMask(file, slide);
    assert.ok(Array.from(half, (value, i) => (value > 0 ? 1 : 0) - data[i]!).every((apart) => apart === 0));
    const faint = image.clone().linear(1 / 255, 0);
    await faint.clone().tiff({ compression: 'jpeg' }).toFile(file);
    await assert.rejects(
      readMask(file, slide),
      /expected tissue brighter than half, found values up to \d in lossy/,
    );
    await faint.clone().tiff({ compression: 'lzw' }).toFile(file);
    assert.deepEqual((await readMask(file, slide)).data, data);
    await image.clone().tiff({ compression: 'none', bitdepth: 1, miniswhite: true }).toFile(file);
    await assert.rejects(
      readMask(file, slide),
      /lossy\.tif: expected values of which 0 is no tissue, found .*MinIsWhite/,
    );
    await slide.close();
  });
});
