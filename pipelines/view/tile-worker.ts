// The task of the viewer's pool: a tile of a slide's picture as JPEG.
import sharp from 'sharp';
import { release } from '../../src/memory.js';
import { readArea } from '../../src/slide/region.js';
import { openSource, type Slide, type SlideSource } from '../../src/slide/slide.js';
import type { Tile } from '../../src/view/tiles.js';

export interface TileTask {
  readonly source: SlideSource;
  /** Name of the slide: another one where the file was replaced. */
  readonly slide: string;
  /** Names of the slides that are looked at; all others are closed, since each takes 32 MB for decoded pixels. */
  readonly lookedAt: readonly string[];
  readonly tile: Tile;
}

/** Source pixels in memory at a time: those of a tile from a level four times as fine. */
const most = 2056 ** 2;

sharp.concurrency(1); // the pool has threads of its own
sharp.cache(false);

const open = new Map<string, Promise<Slide>>();

export default async function encodeTile({ source, slide, lookedAt, tile }: TileTask): Promise<Uint8Array> {
  for (const [name, other] of open) {
    if (lookedAt.includes(name)) continue;
    open.delete(name);
    await other.then((one) => one.close());
  }
  const { scale, rect } = tile;
  const pixels = await readArea(await opened(slide, source), scale, rect, most);
  const { width, height } = rect;
  const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
  release(pixels);
  return jpeg;
}

async function opened(name: string, source: SlideSource): Promise<Slide> {
  const slide = open.get(name) ?? openSource(source);
  open.set(name, slide);
  try {
    return await slide;
  } catch (error) {
    open.delete(name);
    throw error;
  }
}
