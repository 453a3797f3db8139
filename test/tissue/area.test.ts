import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import type { Slide } from '../../src/slide/slide.js';
import { areaWithin } from '../../src/tissue/area.js';

// A slide of 1000 x 800 px of half a micrometre: a pixel has a quarter of a square micrometre.
const slide = { width: 1000, height: 800, pixelSize: { mpp: 0.5 } } as Slide;
const box = (x: number, y: number, width: number, height: number) =>
  Float64Array.of(x, y, x + width, y, x + width, y + height, x, y + height);
const pixels = (...args: Parameters<typeof areaWithin>) => areaWithin(...args) * 4;

describe('the area of tissue within regions', () => {
  it('is that of a rectangle to the pixel, wherever it lies', () => {
    assert.equal(areaWithin(slide, [[[box(33, 47, 401, 399)]]]), (401 * 399) / 4);
    assert.equal(pixels(slide, [[[box(0.4, 0.4, 10, 10)]]]), 100);
    assert.equal(pixels(slide, [[[box(995, 795, 100, 100)]]]), 25, 'beyond the slide nothing counts');
    assert.equal(pixels(slide, [[[box(2000, 0, 10, 10)]]]), 0);
  });

  it('counts holes out, and what two polygons share once', () => {
    assert.equal(pixels(slide, [[[box(0, 0, 100, 100), box(20, 20, 30, 30)]]]), 10_000 - 900);
    assert.equal(pixels(slide, [[[box(0, 0, 100, 100)], [box(50, 50, 100, 100)]]]), 20_000 - 2500);
  });

  it('is what all regions and the tissue have in common', () => {
    assert.equal(pixels(slide, [[[box(0, 0, 100, 100)]], [[box(90, 80, 100, 100)]]]), 10 * 20);
    const mask = { width: 3, height: 2, data: Uint8Array.of(0, 1, 1, 1, 0, 0), scale: { x: 16, y: 16 } };
    // Tissue is x 16..47 of rows 0..15, and x 0..15 of rows 16..31.
    assert.equal(pixels(slide, [[[box(10, 10, 20, 20)]]], mask), 14 * 6 + 6 * 14);
  });
});
