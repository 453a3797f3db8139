import assert from 'node:assert/strict';
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { it } from 'vitest';
import { largeShapes } from '../../testkit/adversaries.js';
import { scratchFolder } from '../../testkit/folder.js';
import { killOften } from '../../testkit/kill.js';
import { assertSameBytes, fixedBytes, runProduct } from '../../testkit/product.js';

const folder = scratchFolder();

it('a slide killed at 10 random moments ends in the same bytes', async ({ annotate }) => {
  const slide = join(folder, 'slide.tif');
  await largeShapes().write(slide);
  const start = performance.now();
  const whole = await runProduct(slide, join(folder, 'whole'), { readBlock: 4, workers: 1 });
  const span = performance.now() - start;
  const expected = await fixedBytes(whole.result.folder);

  const ways = [
    { readBlock: 2, workers: 1 },
    { readBlock: 4, workers: 2 },
  ];
  const chains = ['a', 'b'].map((name) => {
    const out = join(folder, name);
    return killOften(slide, out, ways, { kills: 5, span }, async () => {
      await assertSameBytes(join(out, 'slide'), expected, 'after kills');
      await rm(out, { recursive: true });
    });
  });
  const counts = await Promise.all(chains);
  const [kills, ends] = [counts[0]!.kills + counts[1]!.kills, counts[0]!.ends + counts[1]!.ends];
  await annotate(`${kills} kills within ${span.toFixed()} ms of the start, ${ends} slides done`);
  assert.ok(kills >= 10);
});
