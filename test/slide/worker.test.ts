import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import sharp from 'sharp';
import { afterAll, describe, it } from 'vitest';
import type { Rect } from '../../src/slide/binding.js';
import { openSlide, type SlideSource } from '../../src/slide/slide.js';
import { scratchFolder } from '../../testkit/folder.js';
import { fromFunction, writeSlide } from '../../testkit/slides.js';

const folder = scratchFolder();
const pixels = fromFunction((x, y) => [x & 255, y & 255, (x ^ y) & 255]);

describe('slides in worker threads', () => {
  const pool = new Piscina<{ source: SlideSource; rect: Rect }, Uint8Array>({
    filename: fileURLToPath(new URL('../../testkit/read-slide-task.js', import.meta.url)),
    maxThreads: 2,
  });
  afterAll(() => pool.destroy());

  it('are opened again, more of them than a thread keeps open, and read at the same time', async () => {
    const sources: SlideSource[] = [];
    for (let i = 0; i < 6; i++) {
      const path = join(folder, i < 5 ? `${i}.tif` : `${i}.png`);
      if (i < 5) await writeSlide(path, { width: 300, height: 300, mpp: 0.25, pixels });
      else
        await sharp(await pixels(0, 0, 300, 300), { raw: { width: 300, height: 300, channels: 3 } }).toFile(
          path,
        );
      const slide = await openSlide(path, { mpp: 0.25 });
      sources.push(slide.source);
      await slide.close();
    }
    const tasks = Array.from({ length: 48 }, async (_, n) => {
      const rect = { x: n, y: 2 * n, width: 100, height: 100 };
      assert.deepEqual(
        await pool.run({ source: sources[n % 6]!, rect }),
        await pixels(rect.x, rect.y, 100, 100),
      );
    });
    await Promise.all(tasks);
  });

  it('give the text of their errors back', async () => {
    const rect = { x: 0, y: 0, width: 1, height: 1 };
    const path = join(folder, 'gone.tif');
    await writeSlide(path, { width: 64, height: 64, mpp: 0.25, pixels });
    const slide = await openSlide(path);
    const { source } = slide;
    await slide.close();
    rmSync(path);
    await assert.rejects(pool.run({ source, rect }), /gone\.tif: it is no slide any more/);
  });

  it('may end amid a read', async () => {
    const path = join(folder, 'ended.tif');
    await writeSlide(path, { width: 2000, height: 2000, mpp: 0.25, pixels });
    const slide = await openSlide(path);
    const { source } = slide;
    await slide.close();
    const readers = new Piscina({
      filename: fileURLToPath(new URL('../../testkit/read-slide-task.js', import.meta.url)),
      maxThreads: 1,
    });
    const read = (side: number) => readers.run({ source, rect: { x: 0, y: 0, width: side, height: side } });
    // An error that the addon throws where nobody can catch it would end this process.
    for (let k = 0; k < 5; k++) {
      await read(1); // the thread is there from now on
      const cut = read(2000);
      await setTimeout(2 + 3 * k);
      const ended = Promise.allSettled([cut]);
      await readers.destroy();
      await ended;
    }
  });
});
