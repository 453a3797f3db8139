import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { modelSpace, type ModelSpace } from '../../src/slide/model-space.js';
import { readRegion, readThumbnail } from '../../src/slide/region.js';
import { openSlide, type Slide } from '../../src/slide/slide.js';
import type { Rgb } from '../../src/slide/pyramid.js';
import { scratchFolder } from '../../testkit/folder.js';
import { discs, fromFunction, writeSlide } from '../../testkit/slides.js';

const folder = scratchFolder();

/** A different colour at every pixel, without any pattern. */
const noise = fromFunction((x, y) => {
  let h = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h ^= h >>> 12;
  return [h & 255, (h >>> 8) & 255, (h >>> 16) & 255];
});

/** Opens a slide, works on it, closes it. */
async function withSlide(path: string, mpp: number | undefined, work: (slide: Slide) => Promise<void>) {
  const slide = await openSlide(path, { mpp, forceMpp: true });
  try {
    await work(slide);
  } finally {
    await slide.close();
  }
}

function pixel(data: Uint8Array, width: number, x: number, y: number): Rgb {
  const i = (y * width + x) * 3;
  return [data[i]!, data[i + 1]!, data[i + 2]!];
}

/** A small deterministic generator for property tests. */
function random(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

describe('regions in model space', () => {
  for (const mpp of [0.5, 0.2485, 0.25, 0.22, 0.125, 0.0775]) {
    it(`gives a pixel the same bytes in whatever region it is read (${mpp} um/px)`, async () => {
      const path = join(folder, `noise-${mpp}.tif`);
      await writeSlide(path, { width: 501, height: 387, mpp, pixels: noise });
      await withSlide(path, undefined, async (slide) => {
        const space = modelSpace(slide, 0.25);
        const all = { x: -40, y: -40, width: space.width + 80, height: space.height + 80 };
        const whole = await readRegion(slide, space, all);
        const below = random(7);
        for (let round = 0; round < 25; round++) {
          const part = {
            x: all.x + below(all.width - 1),
            y: all.y + below(all.height - 1),
            width: 1 + below(90),
            height: 1 + below(90),
          };
          const pixels = await readRegion(slide, space, part);
          for (let y = 0; y < Math.min(part.height, all.y + all.height - part.y); y++) {
            for (let x = 0; x < Math.min(part.width, all.x + all.width - part.x); x++) {
              const expected = pixel(whole, all.width, part.x + x - all.x, part.y + y - all.y);
              assert.deepEqual(pixel(pixels, part.width, x, y), expected);
            }
          }
        }
      });
    });
  }

  it('leaves pixels as they are within 2 % of the model, on level 0 and on a level of whole downsample', async () => {
    const path = join(folder, 'exact.tif');
    await writeSlide(path, { width: 512, height: 384, mpp: 0.1242, pixels: noise, downsamples: [2] });
    await withSlide(path, 0.2485, async (slide) => {
      const space = modelSpace(slide, 0.25);
      assert.deepEqual([space.scale, space.width, space.height], [1, 512, 384]);
      const expected = await noise(100, 50, 30, 20);
      assert.deepEqual(await readRegion(slide, space, { x: 100, y: 50, width: 30, height: 20 }), expected);
    });
    await withSlide(path, undefined, async (slide) => {
      const space = modelSpace(slide, 0.25);
      assert.deepEqual([space.scale, space.width, space.height], [2, 256, 192]);
      const expected = await slide.readLevel(1, { x: 10, y: 20, width: 30, height: 40 });
      assert.deepEqual(await readRegion(slide, space, { x: 10, y: 20, width: 30, height: 40 }), expected);
    });
  });

  it('shows the background beyond the slide and keeps a flat colour flat', async () => {
    const path = join(folder, 'flat.tif');
    await writeSlide(path, { width: 300, height: 200, mpp: 0.5, pixels: fromFunction(() => [201, 93, 7]) });
    await withSlide(path, undefined, async (slide) => {
      const space = modelSpace(slide, 0.25);
      assert.deepEqual([space.scale, space.width, space.height], [0.5, 600, 400]);
      const size = { width: space.width + 20, height: space.height + 20 };
      const pixels = await readRegion(slide, space, { x: -10, y: -10, ...size });
      for (let y = 0; y < size.height; y++) {
        for (let x = 0; x < size.width; x++) {
          const depth = Math.min(x - 10, y - 10, size.width - 11 - x, size.height - 11 - y);
          if (depth < -1) assert.deepEqual(pixel(pixels, size.width, x, y), [255, 255, 255]);
          if (depth > 0) assert.deepEqual(pixel(pixels, size.width, x, y), [201, 93, 7]);
        }
      }
    });
  });
});

/** Centroids, in model pixels, of dark discs on white: means weighted by darkness, in a window around each. */
async function centroids(
  slide: Slide,
  space: ModelSpace,
  at: readonly { x: number; y: number }[],
  halfSide: number,
) {
  const found = [];
  for (const { x, y } of at) {
    const rect = {
      x: Math.round(x - halfSide),
      y: Math.round(y - halfSide),
      width: 2 * halfSide,
      height: 2 * halfSide,
    };
    const pixels = await readRegion(slide, space, rect);
    let [mass, sumX, sumY] = [0, 0, 0];
    for (let v = 0; v < rect.height; v++) {
      for (let u = 0; u < rect.width; u++) {
        const dark = 255 - pixel(pixels, rect.width, u, v)[1];
        mass += dark;
        sumX += dark * (rect.x + u + 0.5);
        sumY += dark * (rect.y + v + 0.5);
      }
    }
    found.push({ x: sumX / mass, y: sumY / mass });
  }
  return found;
}

describe('where discs of a slide land in model space', () => {
  const below = random(11);
  const list = Array.from({ length: 40 }, (_, i) => ({
    x: 60 + (i % 8) * 110 + below(1000) / 100,
    y: 60 + Math.floor(i / 8) * 110 + below(1000) / 100,
    radius: 14,
    color: [90, 0, 120] as Rgb,
  }));
  for (const downsamples of [
    [2, 4],
    [1.9, 3.7],
  ]) {
    it(`is where they are, to 0.1 px of level 0, with levels 1, ${downsamples.join(', ')}`, async ({
      annotate,
    }) => {
      const path = join(folder, `discs-${downsamples.join()}.tif`);
      await writeSlide(path, { width: 960, height: 620, downsamples, pixels: discs(list, [255, 255, 255]) });
      for (const mpp of [0.5, 0.2485, 0.25, 0.22, 0.125]) {
        await withSlide(path, mpp, async (slide) => {
          const space = modelSpace(slide, 0.25);
          const expected = list.map(({ x, y }) => ({ x: x / space.scale, y: y / space.scale }));
          const found = await centroids(slide, space, expected, Math.ceil(25 / space.scale));
          for (const axis of ['x', 'y'] as const) {
            const errors = found.map((each, i) => space.toLevel0(each[axis]) - list[i]![axis]);
            const mean = errors.reduce((sum, error) => sum + error) / errors.length;
            const largest = Math.max(...errors.map(Math.abs));
            await annotate(
              `${mpp} um/px, ${axis}: mean ${mean.toFixed(4)}, largest ${largest.toFixed(4)} px`,
            );
            assert.ok(Math.abs(mean) < 0.02, `mean error at ${mpp} um/px along ${axis}: ${mean}`);
            assert.ok(largest < 0.1, `largest error at ${mpp} um/px along ${axis}: ${largest}`);
          }
        });
      }
    });
  }
});

describe('thumbnails', () => {
  it('show the whole slide at one scale, whichever levels it has', async () => {
    const half = fromFunction((x, y) =>
      x < 400 ? [200, 40, 60] : y < 300 ? [30, 140, 90] : [250, 250, 250],
    );
    for (const downsamples of [[], [2, 4, 8], [1.9, 3.7, 7.3]]) {
      const path = join(folder, `thumbnail-${downsamples.join()}.tif`);
      await writeSlide(path, { width: 800, height: 600, mpp: 0.25, downsamples, pixels: half });
      await withSlide(path, undefined, async (slide) => {
        const { width, height, data } = await readThumbnail(slide, 16);
        assert.deepEqual([width, height], [50, 38]);
        assert.deepEqual(pixel(data, width, 10, 10), [200, 40, 60]);
        assert.deepEqual(pixel(data, width, 40, 10), [30, 140, 90]);
        assert.deepEqual(pixel(data, width, 40, 30), [250, 250, 250]);
      });
    }
  });
});
