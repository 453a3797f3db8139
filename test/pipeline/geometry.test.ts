import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { Rgb } from '../../src/slide/pyramid.js';
import { scratchFolder } from '../../testkit/folder.js';
import { readTable, runProduct } from '../../testkit/product.js';
import { discs, writePaddedSlide, writeSlide, type Disc } from '../../testkit/slides.js';
import { stubGround } from '../../testkit/stub.js';

const folder = scratchFolder();

/** Black red: a pixel of which half is covered has np = 127 or 128, so that a disc is found at its own size. */
const discColor: Rgb = [0, 128, 128];

interface Case {
  readonly name: string;
  readonly mpp: number;
  /** Levels of the pyramid below level 0; 2, 4, ... unless given. */
  readonly downsamples?: number[];
  /** A larger slide, and where in it the pixels lie. */
  readonly frame?: { width: number; height: number; x: number; y: number };
}

const cases: Case[] = [
  { name: '0.25 um/px', mpp: 0.25 },
  { name: '0.2485 um/px, taken as it is', mpp: 0.2485 },
  { name: '0.5 um/px, enlarged', mpp: 0.5 },
  { name: '0.22 um/px, reduced', mpp: 0.22 },
  { name: '0.125 um/px, from its second level', mpp: 0.125 },
  { name: '0.125 um/px, without a level that fits', mpp: 0.125, downsamples: [1.9, 3.7] },
  { name: '0.25 um/px, levels of broken downsamples', mpp: 0.25, downsamples: [1.7, 3.1, 6.3] },
  {
    name: '0.25 um/px in a larger frame, as in MIRAX',
    mpp: 0.25,
    frame: { width: 1501, height: 1207, x: 333, y: 123 },
  },
  {
    name: '0.5 um/px in a larger frame',
    mpp: 0.5,
    frame: { width: 901, height: 707, x: 133, y: 77 },
  },
];

describe('discs of known places', () => {
  for (const { name, mpp, downsamples, frame } of cases) {
    it(`are found there: ${name}`, async ({ annotate }) => {
      const scale = 0.25 / mpp;
      const [width, height] = [Math.round(620 * scale), Math.round(500 * scale)];
      const painted = scattered(width, height, scale);
      const slide = {
        width,
        height,
        mpp,
        pixels: discs(painted, stubGround),
        ...(downsamples && { downsamples }),
      };
      const path = join(folder, `${name.replace(/\W+/g, ' ')}.tif`);
      if (frame) await writePaddedSlide(path, { ...slide, frame });
      else await writeSlide(path, slide);

      const { result } = await runProduct(path, join(folder, 'out'));
      const errors: { x: number; y: number; area: number }[] = [];
      for (const rows of await readTable(result.folder, ['centroid_x_px', 'centroid_y_px', 'area_um2'])) {
        for (let k = 0; k < rows.count; k++) {
          const x = rows.centroid_x_px[k]! - (frame?.x ?? 0);
          const y = rows.centroid_y_px[k]! - (frame?.y ?? 0);
          const near = painted.filter((disc) => Math.hypot(disc.x - x, disc.y - y) < disc.radius);
          assert.equal(near.length, 1, `a nucleus at ${x}, ${y} where ${near.length} discs are`);
          const area = rows.area_um2[k]! / (Math.PI * (near[0]!.radius * mpp) ** 2) - 1;
          errors.push({ x: x - near[0]!.x, y: y - near[0]!.y, area });
        }
      }
      assert.equal(errors.length, painted.length);
      const mean = (of: (error: (typeof errors)[number]) => number) =>
        errors.reduce((sum, error) => sum + of(error), 0) / errors.length;
      const [x, y] = [mean((error) => error.x), mean((error) => error.y)];
      const far = Math.max(...errors.map((error) => Math.hypot(error.x, error.y)));
      const area = mean((error) => error.area);
      await annotate(
        `${errors.length} discs: mean signed error ${x.toFixed(3)}, ${y.toFixed(3)} px of level 0, ` +
          `at most ${far.toFixed(2)} px; area ${(100 * area).toFixed(1)} %`,
      );
      assert.ok(Math.abs(x) <= 0.1 && Math.abs(y) <= 0.1, `mean signed error ${x}, ${y} px`);
      assert.ok(far < 0.5 * Math.max(1, scale), `an error of ${far} px`);
      assert.ok(Math.abs(area) < 0.02, `areas off by ${100 * area} %`);
    });
  }
});

/** Discs at broken coordinates, radius 7 to 12 model px. @param scale level-0 px per model px */
function scattered(width: number, height: number, scale: number): Disc[] {
  const list: Disc[] = [];
  const [columns, rows] = [Math.floor(width / scale / 45), Math.floor(height / scale / 45)];
  for (let n = 0; n < columns * rows; n++) {
    const [a, b] = [n % columns, Math.floor(n / columns)];
    list.push({
      x: (45 * a + 16 + ((n * 0.618) % 1) * 13) * scale,
      y: (45 * b + 16 + ((n * 0.757) % 1) * 13) * scale,
      radius: (7 + ((n * 0.413) % 1) * 5) * scale,
      color: discColor,
    });
  }
  return list;
}
