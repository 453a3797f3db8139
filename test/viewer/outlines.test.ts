import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, it } from 'vitest';
import { scratchFolder } from '../../testkit/folder.js';
import { readTable } from '../../testkit/product.js';
import { type Disc, writePaddedSlide, writeSlide } from '../../testkit/slides.js';
import { stubColor, stubGround } from '../../testkit/stub.js';
import { runTest } from '../cohort/run.js';
import { browserForFile, needsChromium, type Tab } from './browser.js';

// Discs are painted, the product finds them, and what the browser shows of the picture must lie where it shows the outlines.

const scratch = scratchFolder();
const browse = browserForFile();
const mpp = 0.25;
/** What a slide's pixel size is taken for, and how its test is called. */
const kinds = {
  padded: { mpp, what: 'with bounds' },
  long: { mpp, what: 'at 200,000 px from its origin' },
  uneven: { mpp, what: 'whose pixels are not quite square' },
  coarse: { mpp: 0.5, what: 'of 0.5 um/px' },
} as const;
const out = join(scratch, 'results');

/** Radii and places that fit no grid. */
const near: Disc[] = Array.from({ length: 20 }, (_, k) => ({
  x: 60 + 97 * (k % 5),
  y: 70 + 93 * Math.floor(k / 5),
  radius: 13 + (k % 4) * 3,
  color: stubColor(1 + (k % 3)),
}));

/** Left edge of what is painted on the long slide, in px from its origin. */
const far = 200_192;

/** A picture of discs; quick where there are none, since the long slide is nothing but ground. */
function picture(discs: readonly Disc[], offset: number) {
  return (x: number, y: number, width: number, height: number) => {
    const rgb = new Uint8Array(width * height * 3);
    rgb.set(stubGround);
    for (let filled = 3; filled < rgb.length; filled *= 2) rgb.copyWithin(filled, 0, filled);
    for (const { x: cx, y: cy, radius, color } of discs) {
      for (let v = Math.max(y, Math.floor(cy - radius)); v < Math.min(y + height, cy + radius); v++) {
        const left = Math.max(x, Math.floor(cx + offset - radius));
        for (let u = left; u < Math.min(x + width, cx + offset + radius); u++) {
          if (Math.hypot(u + 0.5 - cx - offset, v + 0.5 - cy) < radius)
            rgb.set(color, ((v - y) * width + u - x) * 3);
        }
      }
    }
    return rgb;
  };
}

describe('outlines in the viewer', needsChromium, () => {
  let tab: Tab;

  beforeAll(async () => {
    const slides = join(scratch, 'slides');
    await mkdir(slides, { recursive: true });
    const [width, height] = [576, 448];
    await writePaddedSlide(join(slides, 'padded.scn'), {
      width,
      height,
      mpp,
      downsamples: [],
      pixels: picture(near, 0),
      frame: { width: 960, height: 900, x: 301, y: 203 },
    });
    await writeSlide(join(slides, 'long.tif'), {
      width: far + width,
      height,
      mpp,
      downsamples: [32],
      tile: 512,
      pixels: picture(near, far),
    });
    const plain = { width, height, downsamples: [], pixels: picture(near, 0) };
    await writeSlide(join(slides, 'uneven.tif'), { ...plain, mpp: 0.2485, mppY: 0.2515 });
    await writeSlide(join(slides, 'coarse.tif'), { ...plain, mpp: 0.5 });
    const square = [
      [far, 0],
      [far + width, 0],
      [far + width, height],
      [far, height],
      [far, 0],
    ];
    await writeFile(join(slides, 'far.geojson'), JSON.stringify({ type: 'Polygon', coordinates: [square] }));
    const manifest = join(slides, 'cohort.csv');
    await writeFile(manifest, 'slide,roi\npadded.scn,\nlong.tif,far.geojson\nuneven.tif,\ncoarse.tif,\n');
    const { code, events } = await runTest({ out, manifest, tissueMask: false });
    assert.equal(code, 0, events.join('\n'));
    tab = await browse(out);
    await tab.open();
  });

  /** Smallest box around the pixels of the middle of the stage that are meant. */
  async function boxOf(radius: number, meant: (red: number, green: number, blue: number) => boolean) {
    const stage = (await tab.page.locator('.stage').boundingBox())!;
    const [x, y] = [stage.x + stage.width / 2, stage.y + stage.height / 2];
    const clip = {
      x: Math.floor(x - radius),
      y: Math.floor(y - radius),
      width: 2 * radius,
      height: 2 * radius,
    };
    const { data, info } = await sharp(await tab.page.screenshot({ clip }))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (let k = 0; k < info.width * info.height; k++) {
      if (!meant(data[3 * k]!, data[3 * k + 1]!, data[3 * k + 2]!)) continue;
      const [u, v] = [k % info.width, Math.floor(k / info.width)];
      box.left = Math.min(box.left, u);
      box.right = Math.max(box.right, u + 1);
      box.top = Math.min(box.top, v);
      box.bottom = Math.max(box.bottom, v + 1);
    }
    return box;
  }

  /** Shows only the picture, or only what lies above it. */
  const show = (what: 'picture' | 'nuclei') =>
    tab.page.evaluate((only) => {
      const { document } = globalThis as unknown as {
        document: {
          querySelectorAll(selector: string): Iterable<{ style: { visibility: string; background: string } }>;
        };
      };
      for (const canvas of document.querySelectorAll('.openseadragon-canvas canvas:not(.above)')) {
        canvas.style.visibility = only === 'picture' ? 'visible' : 'hidden';
      }
      for (const canvas of document.querySelectorAll('.openseadragon-canvas canvas.above')) {
        canvas.style.visibility = only === 'nuclei' ? 'visible' : 'hidden';
      }
      for (const stage of document.querySelectorAll('.stage')) stage.style.background = '#fff';
    }, what);

  for (const [id, { mpp, what: kind }] of Object.entries(kinds)) {
    it(`lie on the discs of a slide ${kind}`, async () => {
      const groups = await readTable(join(out, id), ['centroid_x_px', 'centroid_y_px', 'area_um2']);
      const rows = groups.flatMap((group) =>
        Array.from({ length: group.count }, (_, k) => ({
          x: group.centroid_x_px[k]!,
          y: group.centroid_y_px[k]!,
          radius: Math.sqrt(group.area_um2[k]! / Math.PI) / mpp,
        })),
      );
      assert.equal(rows.length, near.length);
      for (const [k, screen] of [0.0625, 0.25, 0.5].entries()) {
        const { x, y, radius } = rows[7 * k]!;
        await tab.openSlide(id, `?x=${x}&y=${y}&mpp=${screen}&aside`);
        const { detail } = await tab.frame();
        assert.equal(detail, 'outlines');
        const scale = mpp / screen;
        const around = Math.ceil((radius + 10) * scale);
        await show('picture');
        await tab.page.waitForTimeout(400); // tiles fade in
        const painted = await boxOf(around, (red) => red < (stubGround[0] + 111) / 2);
        await show('nuclei');
        const drawn = await boxOf(around, (...color) => Math.min(...color) < 160);
        const middle = ({ left, right, top, bottom }: typeof drawn) =>
          [(left + right) / 2, (top + bottom) / 2] as const;
        const off = middle(drawn).map((at, axis) => Math.abs(at - middle(painted)[axis]!));
        const what = `${JSON.stringify({ id, screen, painted, drawn })}`;
        // A quarter of a slide's pixel, and half of one of the screen's.
        assert.ok(Math.max(...off) <= 0.5 + 0.25 * scale, what);
        const wider = (drawn.right - drawn.left - (painted.right - painted.left)) / 2;
        // A stroke of 1.5 px reaches half of it beyond the edge; the picture's edge is soft.
        assert.ok(Math.abs(wider - 0.75) <= 1 + 0.5 * scale, what);
      }
      tab.check();
    });
  }
});
