import assert from 'node:assert/strict';
import { test } from 'vitest';
import { drawTissue } from '../../src/picture/draw-tissue.js';
import type { Picture } from '../../src/picture/picture.js';
import { drawScaleBar, scaleBar } from '../../src/picture/scale-bar.js';

function blank(width: number, height: number, scale = 1): Picture {
  return { width, height, scale, x: 0, y: 0, data: new Uint8Array(width * height * 3).fill(255) };
}

const dark = ({ width, data }: Picture, x: number, y: number) => data[3 * (y * width + x)]! < 100;

test('a scale bar has a round length of at most a fifth of the width, and just that length', () => {
  for (const [width, text] of [
    [25, '5 um'],
    [24.9, '2 um'],
    [512, '100 um'],
    [4999, '500 um'],
    [5000, '1 mm'],
    [31000, '5 mm'],
  ] as const) {
    assert.equal(scaleBar(width).text, text);
  }
  const picture = blank(400, 100);
  drawScaleBar(picture, { width: 400, bottom: 90 }, 0.5, 2); // 200 um wide: 20 um, 40 px
  const rows = Array.from({ length: 100 }, (_, y) =>
    Array.from({ length: 400 }, (__, x) => x).filter((x) => dark(picture, x, y)),
  );
  const bar = rows.filter((row) => row.length === 40 && row.at(-1)! - row[0]! === 39);
  assert.equal(bar.length, 4);
  assert.ok(rows.slice(90).every((row) => row.length === 0));
});

test("the tissue's edge lies where the mask ends, of pixels and of polygons alike", () => {
  const mask = {
    width: 4,
    height: 3,
    data: Uint8Array.of(0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0),
    scale: { x: 40, y: 40 },
  };
  const polygon = Float64Array.of(40, 0, 120, 0, 120, 80, 40, 80);
  const sketches = [mask, { ...mask, polygons: [[polygon]] }].map((each) => {
    const picture = blank(16, 12, 10);
    drawTissue(picture, each);
    return Array.from({ length: 12 }, (_, y) =>
      Array.from({ length: 16 }, (__, x) => (dark(picture, x, y) ? '#' : '.')).join(''),
    );
  });
  const sides = '...#.......#....';
  const bottom = '...#########....';
  assert.deepEqual(sketches[0], [
    ...Array.from({ length: 7 }, () => sides),
    bottom,
    ...Array.from({ length: 4 }, () => '.'.repeat(16)),
  ]);
  assert.deepEqual(sketches[1], sketches[0]);
});
