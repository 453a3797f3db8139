import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, it } from 'vitest';
import { HoverslideError } from '../../src/errors.js';
import { describeOpenSlide, findOpenSlide } from '../../src/slide/library.js';
import { openSlide, openSource, type Slide } from '../../src/slide/slide.js';
import { needs } from '../../testkit/needs.js';
import { withoutRoot } from '../../testkit/nobody.js';
import { scratchFolder } from '../../testkit/folder.js';
import { shared } from '../../testkit/shared.js';
import { fromFunction, writePaddedSlide, writeSlide } from '../../testkit/slides.js';

const folder = scratchFolder();
const gradient = fromFunction((x, y) => [x & 255, y & 255, (x + y) & 255]);

function refusal(kind: HoverslideError['kind'], message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof HoverslideError, String(error));
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  };
}

async function field(
  name: string,
  format: 'png' | 'jpeg' | 'tiff',
  width = 300,
  height = 200,
): Promise<string> {
  const path = join(folder, name);
  const data = await gradient(0, 0, width, height);
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  await (
    format === 'tiff' ? image.tiff({ compression: 'lzw', xres: 4000, yres: 4000 }) : image.toFormat(format)
  ).toFile(path);
  return path;
}

describe('slides of the field', () => {
  const cmu = shared('slides/CMU-1-Small-Region.svs');
  it('opens an Aperio slide: size, pixel size, associated images, pixels', needs(cmu.missing), async () => {
    const slide = await openSlide(cmu.path);
    assert.deepEqual([slide.id, slide.width, slide.height], ['CMU-1-Small-Region', 2220, 2967]);
    assert.deepEqual(slide.pixelSize, { mpp: 0.499, source: 'openslide' });
    assert.deepEqual(slide.bounds, { x: 0, y: 0, width: 2220, height: 2967 });
    assert.equal(slide.properties['openslide.vendor'], 'aperio');
    assert.deepEqual(slide.associatedImages, ['label', 'macro', 'thumbnail']);
    const thumbnail = await slide.readAssociatedImage('thumbnail');
    assert.deepEqual([thumbnail.width, thumbnail.height], [574, 768]);
    assert.equal(thumbnail.data.length, 574 * 768 * 3);
    const pixels = await slide.readLevel(0, { x: 2200, y: 2950, width: 40, height: 40 });
    assert.ok(pixels[0]! < 255);
    assert.deepEqual([...pixels.subarray(-3)], [255, 255, 255]); // beyond the slide
    await slide.close();
  });

  const svs = shared('slides/tcga-cr-7395-01a-01-ts1.svs');
  it('refuses a slide that states no pixel size, and takes the one given', needs(svs.missing), async () => {
    await assert.rejects(openSlide(svs.path), refusal('pixelSize', /tcga-cr-7395.*option mpp/));
    const slide = await openSlide(svs.path, { mpp: 1 });
    assert.deepEqual(slide.pixelSize, { mpp: 1, source: 'option' });
    await slide.close();
  });

  const tif = shared('slides/tcga-v5-a7re.tif');
  it('finds a pixel size that stands only in the resolution tags', needs(tif.missing), async () => {
    const slide = await openSlide(tif.path);
    assert.ok(Math.abs(slide.pixelSize.mpp - 0.2485) < 1e-6);
    assert.equal(slide.levels.length, 7);
    await slide.close();
  });
});

describe('written slides', () => {
  it('come back losslessly, at every level', async () => {
    const path = join(folder, 'lossless.tif');
    await writeSlide(path, { width: 700, height: 300, mpp: 0.25, pixels: gradient, downsamples: [2, 5.5] });
    const slide = await openSlide(path);
    assert.deepEqual(
      slide.levels.map(({ width, height }) => [width, height]),
      [
        [700, 300],
        [350, 150],
        [127, 54],
      ],
    );
    assert.ok(Math.abs(slide.pixelSize.mpp - 0.25) < 1e-6);
    assert.deepEqual(
      await slide.readLevel(0, { x: 33, y: 21, width: 600, height: 250 }),
      await gradient(33, 21, 600, 250),
    );
    await slide.close();
  });

  it('come back nearly the same from JPEG tiles', async () => {
    const path = join(folder, 'jpeg.tif');
    const smooth = fromFunction((x, y) => [x >> 2, y >> 1, 128]);
    await writeSlide(path, { width: 700, height: 300, mpp: 0.25, pixels: smooth, jpeg: 90 });
    const slide = await openSlide(path);
    const rect = { x: 33, y: 21, width: 600, height: 250 };
    const pixels = await slide.readLevel(0, rect);
    const expected = await smooth(rect.x, rect.y, rect.width, rect.height);
    const largest = pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
    assert.ok(largest < 8, `largest difference ${largest}`);
    await slide.close();
  });

  it('state bounds, and show the background outside them', async () => {
    const path = join(folder, 'padded.scn');
    const frame = { width: 900, height: 800, x: 128, y: 320 };
    await writePaddedSlide(path, { width: 512, height: 256, mpp: 0.25, frame, pixels: gradient });
    const slide = await openSlide(path);
    assert.deepEqual([slide.width, slide.height], [900, 800]);
    assert.deepEqual(slide.bounds, { x: 128, y: 320, width: 512, height: 256 });
    const inside = { x: 128, y: 320, width: 512, height: 256 };
    assert.deepEqual(await slide.readLevel(0, inside), await gradient(0, 0, 512, 256));
    const outside = await slide.readLevel(0, { x: 0, y: 0, width: 900, height: 320 });
    assert.ok(outside.every((value) => value === 255));
    await slide.close();
  });
});

describe('plain images', () => {
  for (const format of ['png', 'tiff'] as const) {
    it(`opens ${format}, also from another thread's source, with the pixels as they are`, async () => {
      const path = await field(`field.${format}`, format);
      const slide = await openSlide(path, { mpp: 0.25 });
      const again = await openSource(structuredClone(slide.source));
      assert.deepEqual(again.pixelSize, { mpp: 0.25, source: 'option' });
      for (const each of [slide, again] as Slide[]) {
        const pixels = await each.readLevel(0, { x: 100, y: 50, width: 180, height: 90 });
        assert.deepEqual(pixels, await gradient(100, 50, 180, 90));
      }
      const corner = await slide.readLevel(0, { x: -1, y: -1, width: 2, height: 2 });
      assert.deepEqual([...corner], [...Array<number>(9).fill(255), 0, 0, 0]);
      const none = await slide.readLevel(0, { x: 5000, y: 0, width: 2, height: 2 });
      assert.ok(none.every((value) => value === 255));
      await slide.close();
    });
  }

  it('refuses one too large to be held in memory, before it is decoded', async () => {
    const png = readFileSync(await field('large.png', 'png'));
    png.writeUInt32BE(20000, 16); // the width in the header, with its checksum
    png.writeUInt32BE(10001, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    const path = join(folder, 'large.png');
    writeFileSync(path, png);
    await assert.rejects(
      openSlide(path, { mpp: 0.25 }),
      refusal('input', /large\.png: expected at most 200 mega.*20000 x 10001/),
    );
  });

  it('takes the pixel size from plausible resolution tags, and not 72 dpi', async () => {
    const slide = await openSlide(await field('tags.tif', 'tiff'));
    assert.equal(slide.pixelSize.source, 'resolution-tags');
    assert.ok(Math.abs(slide.pixelSize.mpp - 0.25) < 1e-5);
    await slide.close();
    const jpeg = join(folder, 'dpi.jpg');
    await sharp(await field('dpi.png', 'png'))
      .withMetadata({ density: 72 })
      .jpeg()
      .toFile(jpeg);
    await assert.rejects(openSlide(jpeg), refusal('pixelSize', /dpi\.jpg.*352\.8.*option mpp/));
  });
});

describe('what is not a slide', () => {
  it('is refused with what was expected and what was found', async () => {
    const text = join(folder, 'text.svs');
    writeFileSync(text, 'not a slide\n'.repeat(100));
    await assert.rejects(openSlide(text), refusal('input', /text\.svs.*expected a slide/));
    const empty = join(folder, 'empty.tif');
    writeFileSync(empty, '');
    await assert.rejects(openSlide(empty), refusal('input', /empty\.tif.*found an empty file/));
    await assert.rejects(openSlide(folder), refusal('input', /expected a slide, found a folder/));
    await assert.rejects(
      openSlide('/dev/null'),
      refusal('input', /null: expected a slide, found no regular file/),
    );
    await assert.rejects(openSlide(join(folder, 'none.svs')), refusal('missing', /none\.svs: no such file/));
    const webp = join(folder, 'field.webp');
    await sharp(await field('for-webp.png', 'png'))
      .webp()
      .toFile(webp);
    await assert.rejects(openSlide(webp, { mpp: 0.25 }), refusal('input', /field\.webp.*found webp/));
    await assert.rejects(
      openSlide(await field('f.png', 'png'), { mpp: 40 }),
      refusal('usage', /option mpp.*found 40/),
    );
  });

  it('is refused where it may not be read', async () => {
    const path = await field('secret.png', 'png');
    chmodSync(path, 0);
    chmodSync(dirname(path), 0o755);
    await withoutRoot(() =>
      assert.rejects(openSlide(path), refusal('missing', /secret\.png: may not be read/)),
    );
  });

  it('is refused where it is truncated: images at once, slides at the latest where pixels are missing', async () => {
    for (const format of ['png', 'jpeg', 'tiff'] as const) {
      const path = await field(`cut.${format}`, format);
      truncateSync(path, Math.floor(readFileSync(path).length * 0.6));
      await assert.rejects(openSlide(path, { mpp: 0.25 }), refusal('input', new RegExp(`cut\\.${format}`)));
    }
    const whole = join(folder, 'whole.tif');
    await writeSlide(whole, { width: 800, height: 800, mpp: 0.25, pixels: gradient });
    const cut = join(folder, 'cut-slide.tif');
    copyFileSync(whole, cut);
    truncateSync(cut, Math.floor(readFileSync(whole).length * 0.6));
    await assert.rejects(
      async () => {
        const slide = await openSlide(cut);
        await slide.readLevel(0, { x: 0, y: 0, width: 800, height: 800 });
      },
      refusal('input', /cut-slide\.tif/),
    );
  });

  it("is refused with OpenSlide's own text where a tile is damaged", async () => {
    const path = join(folder, 'tile.tif');
    await writeSlide(path, { width: 800, height: 800, mpp: 0.25, pixels: gradient });
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(400, 0xaa), 0, 400, 2000);
    closeSync(file);
    const slide = await openSlide(path);
    const read = slide.readLevel(0, { x: 0, y: 0, width: 800, height: 800 });
    await assert.rejects(
      read,
      refusal('input', /tile\.tif: cannot read 800 x 800 at \(0, 0\) of level 0: .+/),
    );
    await slide.close();
  });

  const svs = shared('slides/CMU-1-Small-Region.svs');
  it('is refused where a real slide is truncated', needs(svs.missing), async () => {
    const bytes = readFileSync(svs.path);
    for (const share of [0.001, 0.3, 0.9]) {
      const path = join(folder, `cut-${share}.svs`);
      writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * share)));
      await assert.rejects(
        async () => {
          const slide = await openSlide(path);
          await slide.readLevel(0, { x: 0, y: 0, width: slide.width, height: slide.height });
        },
        refusal('input', new RegExp(`cut-${share}\\.svs`)),
      );
    }
  });
});

describe('an open slide', () => {
  it('ends the reads in flight before it closes, and refuses later ones', async () => {
    const path = join(folder, 'closing.tif');
    await writeSlide(path, { width: 600, height: 600, mpp: 0.25, pixels: gradient });
    const slide = await openSlide(path);
    let done = 0;
    const reads = Array.from({ length: 12 }, (_, i) =>
      slide.readLevel(0, { x: i, y: 0, width: 500, height: 500 }).then((pixels) => {
        done++;
        return pixels;
      }),
    );
    await slide.close();
    assert.equal(done, 12);
    for (const [i, pixels] of (await Promise.all(reads)).entries()) {
      assert.deepEqual(pixels, await gradient(i, 0, 500, 500));
    }
    await assert.rejects(
      slide.readLevel(0, { x: 0, y: 0, width: 1, height: 1 }),
      /closing\.tif: the slide is closed/,
    );
    await slide.close();
  });
});

describe('the OpenSlide library', () => {
  it('is found, with its version and file', () => {
    const description = describeOpenSlide();
    assert.ok('found' in description, JSON.stringify(description));
    assert.match(description.found.version, /^\d+\.\d+\.\d+/);
    assert.match(description.found.file, /libopenslide/);
  });

  it('is never passed over for another when it was named', () => {
    const name = join(folder, 'libopenslide-none.so');
    assert.throws(() => findOpenSlide(name), refusal('unavailable', /libopenslide-none\.so/));
    assert.throws(
      () => findOpenSlide('libz.so.1'),
      refusal('unavailable', /libz\.so\.1.*openslide_get_version/),
    );
  });
});
