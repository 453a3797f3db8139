import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { test } from 'vitest';
import { writeExampleSheet } from '../../src/picture/example-sheet.js';
import { Examples } from '../../src/picture/examples.js';
import type { NucleiBlock } from '../../src/nuclei/block.js';
import { ModelSpace } from '../../src/slide/model-space.js';
import { openSlide } from '../../src/slide/slide.js';
import { scratchFolder } from '../../testkit/folder.js';
import { Canvas } from '../../testkit/paint.js';
import { context as sample, inBlocks, manySquares, squares } from '../table/fixtures.js';

const context = { ...sample, space: new ModelSpace(4000, 3000, 1, 0.25) };

test('the choice depends on the nuclei alone, not on the blocks or the order they come in', () => {
  const choose = (blocks: Iterable<NucleiBlock>) => {
    const examples = new Examples(context);
    for (const block of blocks) examples.add(block);
    return examples.rows();
  };
  const many = manySquares(3000);
  const first = choose(inBlocks(many, [3000]));
  assert.deepEqual(choose([...inBlocks(many, [17])].reverse()), first);
  assert.ok(first.every(({ examples }) => examples.length === 8));
  // Eight of a class that are spread over the slide, not its first ones.
  const rows = first[0]!.examples.map(({ box }) => box.y);
  assert.ok(Math.max(...rows) > Math.max(...many.map(({ y }) => y)) / 2);
});

test('nuclei that are set aside have a row of their own, and stand in no other', () => {
  const list = manySquares(200);
  const block = squares(list);
  block.probability.fill(0.5, 0, 60);
  const examples = new Examples({ ...context, quality: { probability: 0.6 } });
  examples.add(block);
  const rows = examples.rows();
  assert.equal(rows.at(-1)!.title, 'set aside as faint 60, some at random');
  const firstLine = (row: (typeof rows)[number]) => row.examples.map(({ box }) => box.x / 20);
  assert.ok(firstLine(rows.at(-1)!).every((place) => place < 60));
  for (const row of rows.slice(0, -1))
    assert.ok(
      firstLine(row).every((place) => place >= 60),
      row.title,
    );
});

test('the sheet shows each nucleus whole, with its outline, as the slide has it', async () => {
  const slide = join(scratchFolder(), 'slide.tif');
  const canvas = new Canvas(600, 400, [250, 240, 245]);
  canvas.fill(100, 100, 120, 120, [90, 40, 120]);
  canvas.fill(300, 100, 500, 300, [40, 90, 120]);
  await canvas.write(slide);
  const examples = new Examples(context);
  examples.add(
    squares([
      { x: 100, y: 100, side: 20, type: 1 },
      { x: 300, y: 100, side: 200, type: 2 },
    ]),
  );
  const rows = examples.rows();
  assert.deepEqual(
    rows.map(({ title }) => title),
    [
      'neoplastic 1, some at random',
      'inflammatory 1, some at random',
      'largest of all',
      'least convex of all',
      'palest of all',
      'least sure of all',
    ],
  );
  const path = `${slide}.jpg`;
  const opened = await openSlide(slide);
  await writeExampleSheet(path, rows, opened, new ModelSpace(600, 400, 1, 0.25));
  await opened.close();
  const { data, info } = await sharp(await readFile(path))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number) => [
    ...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3),
  ];
  const near = (found: number[], expected: number[], what: string) =>
    assert.ok(
      found.every((value, c) => Math.abs(value - expected[c]!) < 50),
      `${what}: ${found.join()}`,
    );
  // Crops of 80 px below lines of 24: the first shows its nucleus 1:1, the second shrunk to fit.
  near(pixel(44, 64), [90, 40, 120], 'the nucleus in the middle');
  near(pixel(34, 64), [230, 60, 40], 'its outline, of its class');
  near(pixel(24, 64), [250, 240, 245], 'what is around it');
  near(pixel(44, 108 + 64), [40, 90, 120], 'the large one');
  near(pixel(7, 108 + 64), [250, 240, 245], 'and what is around that');
});
