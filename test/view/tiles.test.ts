import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { lastLevel, tileAt } from '../../src/view/tiles.js';

describe('tiles', () => {
  it('are those of Deep Zoom: 512 px and one of each neighbour', () => {
    const slide = { width: 1500, height: 700 };
    assert.equal(lastLevel(slide), 11, '2 ** 11 is the first power of two that holds 1500');
    const at = (level: number, x: number, y: number) => tileAt(slide, level, x, y);
    assert.deepEqual(at(11, 0, 0), { scale: 1, rect: { x: 0, y: 0, width: 513, height: 513 } });
    assert.deepEqual(at(11, 1, 1), { scale: 1, rect: { x: 511, y: 511, width: 514, height: 189 } });
    assert.deepEqual(at(11, 2, 0), { scale: 1, rect: { x: 1023, y: 0, width: 477, height: 513 } });
    assert.deepEqual(at(10, 1, 0), { scale: 2, rect: { x: 511, y: 0, width: 239, height: 350 } });
    assert.deepEqual(at(0, 0, 0), { scale: 2048, rect: { x: 0, y: 0, width: 1, height: 1 } });
  });

  it('end where the slide ends', () => {
    const slide = { width: 1024, height: 1025 };
    assert.equal(tileAt(slide, 11, 2, 0), undefined, 'columns 0 and 1 hold all 1,024');
    assert.equal(tileAt(slide, 11, 0, 2)?.rect.height, 2, 'one of its own, one of its neighbour');
    for (const [level, x, y] of [
      [12, 0, 0],
      [-1, 0, 0],
      [11, 0, 3],
      [11, -1, 0],
      [11, 0.5, 0],
      [11, 999_999, 999_999],
    ] as const) {
      assert.equal(tileAt(slide, level, x, y), undefined);
    }
  });

  it('cover every pixel of every level once, apart from their overlap', () => {
    for (const [width, height] of [
      [1, 1],
      [512, 513],
      [5000, 77],
      [1023, 4097],
    ] as const) {
      for (let level = 0; level <= lastLevel({ width, height }); level++) {
        const scale = 2 ** (lastLevel({ width, height }) - level);
        for (const [length, along] of [
          [Math.ceil(width / scale), 'width'],
          [Math.ceil(height / scale), 'height'],
        ] as const) {
          let covered = 0;
          for (let k = 0; ; k++) {
            const tile =
              along === 'width'
                ? tileAt({ width, height }, level, k, 0)
                : tileAt({ width, height }, level, 0, k);
            if (!tile) break;
            const from = along === 'width' ? tile.rect.x : tile.rect.y;
            assert.equal(from, k === 0 ? 0 : covered - 1, 'begins a pixel before the last one has ended');
            covered = Math.min(from + tile.rect[along], (k + 1) * 512);
          }
          assert.equal(covered, length);
        }
      }
    }
  });
});
