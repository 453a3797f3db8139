import type { Rect } from '../src/slide/binding.js';
import { openSlide } from '../src/slide/slide.js';
import { fromBuffer, writeSlide } from './slides.js';

/** Writes a rectangle of a slide's level 0 as a slide of its own, without loss. */
export async function writeCrop(source: string, rect: Rect, path: string): Promise<void> {
  const slide = await openSlide(source);
  try {
    const { width, height } = rect;
    const pixels = fromBuffer(await slide.readLevel(0, rect), width);
    await writeSlide(path, { width, height, mpp: slide.pixelSize.mpp, downsamples: [], pixels });
  } finally {
    await slide.close();
  }
}
