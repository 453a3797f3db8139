import type { Rect } from '../src/slide/binding.js';
import type { SlideSource } from '../src/slide/slide.js';
import { workerSlide } from '../src/slide/worker-slide.js';

/** A task for a worker thread: reads a rectangle of level 0 of the slide it is given. */
export default async function ({ source, rect }: { source: SlideSource; rect: Rect }): Promise<Uint8Array> {
  return (await workerSlide(source)).readLevel(0, rect);
}
