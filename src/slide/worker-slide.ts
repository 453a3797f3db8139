import { openSource, type Slide, type SlideSource } from './slide.js';

/** Slides that a worker thread keeps open: a cohort works on a few at a time. */
const keep = 4;

const slides = new Map<string, Promise<Slide>>();

/**
 * The slide of a task, opened once per thread. The least recently used is closed when there are more than a few; a
 * task reads from its slide before it returns, and does not hold on to it.
 */
export async function workerSlide(source: SlideSource): Promise<Slide> {
  const key = JSON.stringify([source.path, source.mpp, source.library]);
  const slide = slides.get(key) ?? openSource(source);
  slides.delete(key);
  slides.set(key, slide); // at the end: most recently used
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
