import type { Rect } from '../src/slide/binding.js';
import type { SlideSource } from '../src/slide/slide.js';
import { workerSlide } from '../src/slide/worker-slide.js';

/** Reads a rectangle of level 0 of the given slide, as a task for a worker thread. */
export default async function ({ source, rect }: { source: SlideSource; rect: Rect }): Promise<Uint8Array> {
  return (await workerSlide(source)).readLevel(0, rect);
}
