import type { Settled } from '../../src/cohort/state.js';
import type { CohortSlide } from './cohort-slide.js';

/** Progress of a run through its slides. */
export interface CohortProgress {
  /** Slides of this run; how many of them are settled; how many of the settled ones failed. */
  readonly slides: number;
  readonly settled: number;
  readonly failed: number;
  /**
   * Estimate from the bytes of the slides that are left, at this run's own pace; undefined before it has done a slide.
   */
  readonly secondsLeft: number | undefined;
}

/** Counter of the slides of a run as they are settled. */
export class ProgressCounter {
  readonly #start = performance.now();
  readonly #left: Set<CohortSlide>;
  #failed = 0;
  #doneBytes = 0;

  constructor(private readonly slides: readonly CohortSlide[]) {
    this.#left = new Set(slides);
  }

  /**
   * Counts a slide as settled.
   * @param worked whether this run did the slide itself
   */
  settle(slide: CohortSlide, { state }: Settled, worked: boolean): void {
    this.#left.delete(slide);
    if (state === 'failed') this.#failed++;
    if (worked) this.#doneBytes += slide.file.bytes;
  }

  get progress(): CohortProgress {
    const bytesLeft = [...this.#left].reduce((sum, { file }) => sum + file.bytes, 0);
    const seconds = (performance.now() - this.#start) / 1000;
    return {
      slides: this.slides.length,
      settled: this.slides.length - this.#left.size,
      failed: this.#failed,
      secondsLeft: this.#doneBytes > 0 ? (seconds / this.#doneBytes) * bytesLeft : undefined,
    };
  }
}
