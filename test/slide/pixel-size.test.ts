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
      resolvePixelSize('s.svs', properties, { mpp }).pixelSize;
    assert.deepEqual(find(all, 0.52), { mpp: 0.52, source: 'option' });
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
      assert.throws(() => resolvePixelSize('s.svs', openslide, { mpp }), refusal('usage'));
    }
  });

  it('is not taken from an option that the slide contradicts, unless it is forced', () => {
    for (const properties of [openslide, { ...openslide, ...tags }, { 'openslide.objective-power': '20' }]) {
      assert.throws(
        () => resolvePixelSize('s.svs', properties, { mpp: 0.25 }),
        (error) => {
          assert.match(
            (error as Error).message,
            /option mpp says 0\.25 um\/px, the slide 0\.5 .*option forceMpp/,
          );
          return refusal('pixelSize')(error);
        },
      );
      const { pixelSize } = resolvePixelSize('s.svs', properties, { mpp: 0.25, forceMpp: true });
      assert.deepEqual(pixelSize, { mpp: 0.25, source: 'option', forced: true });
    }
    assert.equal(resolvePixelSize('s.svs', power, { mpp: 0.22 }).pixelSize.mpp, 0.22, 'what 40x may be');
    assert.equal(resolvePixelSize('s.svs', dpi72, { mpp: 0.25 }).pixelSize.mpp, 0.25, '72 dpi says nothing');
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
    assert.throws(() => resolvePixelSize('s.svs', stated, { mpp: 0.25 }), refusal('pixelSize'));
    const { pixelSize: forced } = resolvePixelSize('s.svs', stated, { mpp: 0.25, forceMpp: true });
    assert.equal(forced.mpp, 0.25);
  });
});

describe('a slide against the pixel sizes a model was trained for', () => {
  const check = (mpp: number, source: PixelSize['source'] = 'openslide', forced = false) =>
    checkPixelSize({ path: 's.svs', pixelSize: { mpp, source, forced } }, model).map(
      ({ severity }) => severity,
    );

  it('runs as it is, with a notice where it is up-sampled, and beyond only where the user said so', () => {
    assert.deepEqual(check(0.2485), []);
    assert.deepEqual(check(0.25), []);
    assert.deepEqual(check(0.499), ['notice']);
    assert.throws(() => check(1), refusal('pixelSize'));
    assert.throws(() => check(1, 'option'), refusal('pixelSize'));
    assert.deepEqual(check(1, 'option', true), ['warning']);
    assert.deepEqual(check(1, 'openslide', true), ['warning']);
  });
});
