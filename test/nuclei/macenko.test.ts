import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { macenko } from '../../src/nuclei/macenko.js';
import { packageRoot } from '../../src/package-root.js';
import { openSlide } from '../../src/slide/slide.js';

describe("a slide's own stain vectors", () => {
  // By torchstain 1.4.1: NumpyMacenkoNormalizer().fit(pixels), its defaults, HERef to six decimals.
  for (const [name, rect, haematoxylin, eosin] of [
    [
      'tcga-v5-a7re-region.tif',
      { x: 300, y: 200, width: 700, height: 700 },
      [0.627739, 0.697515, 0.345568],
      [0.151504, 0.879385, 0.451362],
    ],
    [
      'CMU-1-Small-Region.svs',
      { x: 900, y: 700, width: 500, height: 500 },
      [0.693125, 0.638027, 0.33541],
      [0.20588, 0.913766, 0.350208],
    ],
  ] as const) {
    it(`equal torchstain's on ${name}`, async () => {
      const slide = await openSlide(join(packageRoot, 'samples', name));
      const vectors = macenko(await slide.readLevel(0, rect), name);
      await slide.close();
      // Decoders of JPEG may differ in a pixel here and there.
      const close = (found: readonly number[], expected: readonly number[]) =>
        assert.ok(
          found.every((value, c) => Math.abs(value - expected[c]!) < 2e-5),
          found.join(),
        );
      close(vectors.haematoxylin, haematoxylin);
      close(vectors.eosin, eosin);
    });
  }

  it('of glass, and of one colour, are refused with the way out', () => {
    const colour = (rgb: readonly number[]) => Uint8Array.from({ length: 30000 }, (_, i) => rgb[i % 3]!);
    assert.throws(
      () => macenko(colour([250, 250, 250]), 'a.svs'),
      /a\.svs: .* stain.*found 0; use fixed vectors/,
    );
    assert.throws(() => macenko(colour([120, 60, 140]), 'a.svs'), /a\.svs: .*two stains, found one/);
    // Haematoxylin alone, pale to dark: its angles hardly differ.
    const one = Uint8Array.from({ length: 30000 }, (_, i) => {
      const amount = 0.4 + (Math.floor(i / 3) % 97) / 97;
      return Math.round(240 * Math.exp(-amount * [0.65, 0.7, 0.29][i % 3]!)) - 1;
    });
    assert.throws(() => macenko(one, 'a.svs'), /a\.svs: .*two that are nearly the same/);
  });
});
