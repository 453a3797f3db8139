import type { SlideView } from '../../src/view/messages.js';
import * as api from '../api.js';

/** How often a slide that is at work is asked for again, in ms. */
const pause = 5_000;

/** Waits for the nuclei of a slide that has none yet, and calls `done` once they are there. */
export function waitForNuclei(slide: SlideView, done: () => void, stop: AbortSignal): void {
  const atWork = slide.state === 'queued' || slide.state === 'running';
  if ('count' in slide.nuclei || !atWork) return;
  const timer = setInterval(() => {
    void api.slide(slide.key).then(
      (now) => {
        if (stop.aborted) return;
        if ('count' in now.nuclei || now.state !== slide.state) {
          clearInterval(timer);
          done();
        }
      },
      () => undefined, // the server may be away for a while
    );
  }, pause);
  stop.addEventListener('abort', () => clearInterval(timer));
}
