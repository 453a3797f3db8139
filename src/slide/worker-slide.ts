import { openSource, type Slide, type SlideSource } from './slide.js';

/** Number of slides that a worker thread keeps open. A cohort works on a few at a time. */
const keep = 4;

const slides = new Map<string, Promise<Slide>>();

/**
 * Returns the slide of a task, opened once per thread. The least recently used slide is closed when there are too many.
 * A task must read from its slide before it returns, and must not keep it.
 */
export async function workerSlide(source: SlideSource): Promise<Slide> {
  const key = JSON.stringify([source.path, source.mpp, source.library]);
  const slide = slides.get(key) ?? openSource(source);
  slides.delete(key);
  slides.set(key, slide); // at the end, where the most recently used one is
  if (slides.size > keep) {
    const [oldest, stale] = slides.entries().next().value!;
    slides.delete(oldest);
    await (await stale).close();
  }
  try {
    return await slide;
  } catch (error) {
    slides.delete(key);
    throw error;
  }
}
