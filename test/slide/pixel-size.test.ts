import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { HoverslideError } from '../../src/errors.js';
import { checkPixelSize, resolvePixelSize, type PixelSize } from '../../src/slide/pixel-size.js';

const model = { mpp: 0.25, mpp_range: [0.2, 0.55] as const };
const refusal = (kind: string) => (error: unknown) => error instanceof HoverslideError && error.kind === kind;

describe('the pixel size of a slide', () => {
  const tags = {
    'tiff.XResolution': '40000',
    'tiff.YResolution': '40000',
    'tiff.ResolutionUnit': 'centimeter',
  };
  const dpi72 = { 'tiff.XResolution': '72', 'tiff.YResolution': '72', 'tiff.ResolutionUnit': 'inch' };
  const openslide = { 'openslide.mpp-x': '0.5', 'openslide.mpp-y': '0.5' };
  const power = { 'openslide.objective-power': '40' };

  it('comes from the option, OpenSlide, the resolution tags, the objective power, in this order', () => {
    const all = { ...openslide, ...tags, ...power };
    const find = (properties: Record<string, string>, mpp?: number) =>
      resolvePixelSize('s.svs', properties, mpp).pixelSize;
    assert.deepEqual(find(all, 0.3), { mpp: 0.3, source: 'option' });
    assert.deepEqual(find(all), { mpp: 0.5, source: 'openslide' });
    assert.deepEqual(find({ ...tags, ...power }), { mpp: 0.25, source: 'resolution-tags' });
    assert.deepEqual(find(power), { mpp: 0.25, source: 'objective-power' });
  });

  it('is not taken from implausible or broken statements', () => {
    const { pixelSize } = resolvePixelSize('s.svs', { ...dpi72, ...power });
    assert.deepEqual(pixelSize, { mpp: 0.25, source: 'objective-power' });
    for (const properties of [
      {},
      dpi72,
      { 'openslide.mpp-x': '0', 'openslide.mpp-y': '0' },
      { 'openslide.mpp-x': 'none' },
      { ...tags, 'tiff.ResolutionUnit': 'none' },
      { 'openslide.objective-power': '0' },
    ]) {
      assert.throws(
        () => resolvePixelSize('s.svs', properties),
        (error) => {
          assert.match((error as Error).message, /^s\.svs: .*option mpp/);
          return refusal('pixelSize')(error);
        },
      );
    }
    for (const mpp of [0, -1, NaN, 352.8, 0.01]) {
      assert.throws(() => resolvePixelSize('s.svs', openslide, mpp), refusal('usage'));
    }
  });

  it('is the mean of both axes where they differ by up to 2 %, with a notice; more is refused', () => {
    const find = (x: number, y: number) =>
      resolvePixelSize('s.svs', { 'openslide.mpp-x': String(x), 'openslide.mpp-y': String(y) });
    const { pixelSize, notices } = find(0.248, 0.252);
    assert.equal(pixelSize.mpp, 0.25);
    assert.match(notices[0]!.message, /not quite square \(0.248 x 0.252 um\)/);
    assert.deepEqual(find(0.5, 0.5).notices, []);
    assert.deepEqual(find(0.25, 0.2501).notices, []); // as scanners round them
    for (const [x, y] of [
      [0.24, 0.26],
      [0.499, 0.2495],
    ] as const) {
      assert.throws(
        () => find(x, y),
        (error) => {
          assert.match((error as Error).message, /^s\.svs: expected square pixels.*found .* um;.*option mpp/);
          return refusal('pixelSize')(error);
        },
      );
    }
    const stated = { 'openslide.mpp-x': '0.499', 'openslide.mpp-y': '0.2495' };
    assert.match(
      resolvePixelSize('s.svs', stated, 0.25).notices[0]!.message,
      /0\.499 x 0\.2495 um, not square/,
    );
  });
});

describe('a slide against the pixel sizes a model was trained for', () => {
  const check = (mpp: number, source: PixelSize['source'] = 'openslide') =>
    checkPixelSize({ path: 's.svs', pixelSize: { mpp, source } }, model).map(({ severity }) => severity);

  it('runs as it is, with a notice where it is up-sampled, and beyond only where the user said so', () => {
    assert.deepEqual(check(0.2485), []);
    assert.deepEqual(check(0.25), []);
    assert.deepEqual(check(0.499), ['notice']);
    assert.throws(() => check(1), refusal('pixelSize'));
    assert.deepEqual(check(1, 'option'), ['warning']);
  });
});
