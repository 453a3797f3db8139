import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { openSlide } from '../../src/slide/slide.js';
import { findTissue, maskPicture } from '../../src/tissue/find.js';
import { maskGrid } from '../../src/tissue/mask.js';
import { otherStainShare } from '../../src/tissue/stain.js';
import { runCommand } from '../../testkit/command.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { shared } from '../../testkit/shared.js';
import { fromBuffer, writeSlide } from '../../testkit/slides.js';
import { stubModel } from '../../testkit/stub.js';

const folder = scratchFolder();
const side = 800;

/** What a stain absorbs (Ruifrok and Johnston), as optical density of red, green and blue. */
const vectors = {
  haematoxylin: [0.65, 0.7, 0.29],
  eosin: [0.07, 0.99, 0.11],
  dab: [0.27, 0.57, 0.78],
} as const;

/** Splits a density into haematoxylin and eosin by red and green, which they absorb most apart. */
function unmixed(red: number, green: number): { haematoxylin: number; eosin: number } {
  const [h, e] = [vectors.haematoxylin, vectors.eosin];
  const determinant = h[0] * e[1] - e[0] * h[1];
  return {
    haematoxylin: Math.max(0, (red * e[1] - green * e[0]) / determinant),
    eosin: Math.max(0, (green * h[0] - red * h[1]) / determinant),
  };
}

const density = (value: number) => -Math.log10(Math.max(value, 1) / 255);

/** H&E's colours turned into those of something else. */
const looks: Record<string, (r: number, g: number, b: number) => readonly number[]> = {
  'as it is': (r, g, b) => [r, g, b],
  DAB: (r, g) => {
    const { haematoxylin, eosin } = unmixed(density(r), density(g));
    return vectors.dab.map((absorbed) => 255 * 10 ** (-absorbed * (haematoxylin + 0.3 * eosin)));
  },
  inverted: (r, g, b) => [255 - r, 255 - g, 255 - b],
  fluorescence: (r, g) => {
    const { haematoxylin } = unmixed(density(r), density(g));
    return [60, 80, 300].map((bright) => Math.min(255, bright * haematoxylin));
  },
  'nearly grey': (r, g, b) => {
    const grey = 0.3 * r + 0.59 * g + 0.11 * b;
    return [grey, grey, grey * 0.9];
  },
};

describe('a slide in other stains than H&E', () => {
  let pixels: Uint8Array;
  beforeAll(async () => {
    const slide = await openSlide(join(packageRoot, 'samples', 'CMU-1-Small-Region.svs'));
    pixels = await slide.readLevel(0, { x: 800, y: 700, width: side, height: side });
    await slide.close();
  });

  for (const [name, look] of Object.entries(looks)) {
    it(`is ${name === 'as it is' ? 'not ' : ''}flagged: ${name}`, async () => {
      const data = new Uint8Array(pixels.length);
      for (let i = 0; i < data.length; i += 3) {
        data.set(look(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!).map(Math.round), i);
      }
      const path = join(folder, `${name.replace(' ', '-')}.tif`);
      await writeSlide(path, { width: side, height: side, mpp: 0.5, pixels: fromBuffer(data, side) });
      const { slides } = await runCommand(path, '-o', folder, '--model', stubModel);
      assert.equal(slides[0]!.summary.flags.includes('unlike_he'), name !== 'as it is');
    });
  }
});

for (const set of ['consep', 'monuseg']) {
  const { path, missing } = shared(`data/${set}/train/images`);
  it(`no field of ${set} is taken for another stain`, needs(missing), async () => {
    for (const name of readdirSync(path)) {
      const slide = await openSlide(join(path, name), { mpp: 0.25, forceMpp: true });
      const picture = await maskPicture(slide);
      const share = otherStainShare(picture, maskGrid(slide).scale.x, await findTissue(slide, picture));
      assert.ok((share ?? 0) < 0.2, `${name}: ${share}`);
      await slide.close();
    }
  });
}
