import type { CohortSlide } from './cohort-slide.js';

/** Shard `index` (from 1) of `count` shards. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * Returns the slides of one shard, in the order given. Slides are dealt out from the largest on, each to the shard with
 * the fewest bytes so far (Graham's longest processing time rule). The split depends on names and sizes alone, not on
 * the order of the slides, so every shard comes to the same split by itself.
 */
export function slidesOfShard(slides: readonly CohortSlide[], { index, count }: Shard): CohortSlide[] {
  const loads = new Array<number>(count).fill(0);
  const bySize = [...slides].sort((a, b) => b.file.bytes - a.file.bytes || (a.id < b.id ? -1 : 1));
  const mine = new Set<CohortSlide>();
  for (const slide of bySize) {
    const lightest = loads.indexOf(Math.min(...loads));
    loads[lightest]! += Math.max(1, slide.file.bytes);
    if (lightest === index - 1) mine.add(slide);
  }
  return slides.filter((slide) => mine.has(slide));
}
