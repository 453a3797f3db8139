// The task of the viewer's pool: a tile of a slide's picture as JPEG.
import sharp from 'sharp';
import { release } from '../../src/memory.js';
import { readArea } from '../../src/slide/region.js';
import type { SlideSource } from '../../src/slide/slide.js';
import { workerSlide } from '../../src/slide/worker-slide.js';
import type { Tile } from '../../src/view/tiles.js';

export interface TileTask {
  readonly source: SlideSource;
  readonly tile: Tile;
}

/** Source pixels in memory at a time: those of a tile from a level four times as fine. */
const most = 2056 ** 2;

sharp.concurrency(1); // the pool has a thread per core
sharp.cache(false);

export default async function encodeTile({ source, tile }: TileTask): Promise<Uint8Array> {
  const { scale, rect } = tile;
  const pixels = await readArea(await workerSlide(source), scale, rect, most);
  const { width, height } = rect;
  const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
  release(pixels);
  return jpeg;
}
