import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished, test } from 'vitest';
import { drawNuclei } from '../../src/picture/draw-nuclei.js';
import { Overview } from '../../src/picture/overview.js';
import type { Picture } from '../../src/picture/picture.js';
import { ModelSpace } from '../../src/slide/model-space.js';
import { context as sample, inBlocks, manySquares, squares } from '../table/fixtures.js';

const context = { ...sample, space: new ModelSpace(4000, 3000, 1, 0.25) };
const red = [230, 60, 40];

function blank(width: number, height: number, scale: number, x = 0, y = 0): Picture {
  return { width, height, scale, x, y, data: new Uint8Array(width * height * 3).fill(255) };
}

/** The picture as text: `#` the class's own colour, `+` a blend of it, `.` untouched. */
function sketch({ width, height, data }: Picture): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const pixel = [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
      if (pixel.every((value) => value === 255)) return '.';
      return pixel.every((value, c) => value === red[c]) ? '#' : '+';
    }).join(''),
  );
}

test('an outline at full resolution runs along the pixels just inside it', () => {
  const picture = blank(8, 7, 1, 10, 20);
  drawNuclei(picture, squares([{ x: 11, y: 21, side: 5, type: 1 }]), context, false);
  assert.deepEqual(sketch(picture), [
    '........',
    '.#####..',
    '.#...#..',
    '.#...#..',
    '.#...#..',
    '.#####..',
    '........',
  ]);
});

test('a filled nucleus is translucent within, a hole stays open, and what lies outside is left out', () => {
  const picture = blank(10, 6, 1);
  const list = [
    { x: 0, y: -3, side: 9, type: 1, hole: 1 },
    { x: 100, y: 100, side: 9, type: 1 },
  ];
  drawNuclei(picture, squares(list), context, true);
  assert.deepEqual(sketch(picture), [
    '#+++#+++#.',
    '#++#.#++#.',
    '#+++#+++#.',
    '#+++++++#.',
    '#+++++++#.',
    '#########.',
  ]);
});

test('far out every nucleus is still a dot, in its place', () => {
  const picture = blank(5, 3, 40);
  const list = [
    { x: 41, y: 41, side: 4, type: 1 },
    { x: 190, y: 119, side: 2, type: 1 },
  ];
  drawNuclei(picture, squares(list), context, true);
  // The second has its middle at (191, 120), just below the picture.
  assert.deepEqual(sketch(picture), ['.....', '.#...', '.....']);
});

test('the overview has the tissue above and a legend below, and the same bytes every time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-overview-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const counts = new Map([['neoplastic', 1234]]);
  const files: Buffer[] = [];
  for (const [i, sizes] of [[3000], [17]].entries()) {
    const overview = new Overview(blank(300, 40, 4), context);
    for (const block of inBlocks(manySquares(3000), sizes)) overview.add(block);
    const path = join(folder, `${i}.png`);
    await overview.write(path, counts);
    files.push(await readFile(path));
  }
  assert.ok(files[0]!.equals(files[1]!));
  const { data, info } = await sharp(files[0]).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.channels, info.width >= 300, info.height], [3, true, 40 + 8 + 3 * 24]);
  const pixel = (x: number, y: number) => [
    ...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3),
  ];
  assert.deepEqual(pixel(16, 40 + 16), red);
  assert.deepEqual(pixel(16, 40 + 16 + 24), [60, 160, 60]);
  const ink = (row: number) => {
    let dark = 0;
    for (let y = 0; y < 16; y++) for (let x = 32; x < info.width; x++) if (pixel(x, row + y)[0] === 0) dark++;
    return dark;
  };
  // 'neoplastic 1,234' has more letters than 'unclassified 0'.
  assert.ok(ink(48) > ink(48 + 48) && ink(48 + 48) > 0);
});
