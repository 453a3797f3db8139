import type { SlideProgress, SlideStage } from '../slide/run-slide.js';

/** What work is told about the work beside it. */
export interface Side {
  /** To be called when the next item may begin beside this one. */
  readonly nearlyDone: () => void;
  /** Resolves when no other item is at work. It stays so for as long as `nearlyDone` is not called. */
  readonly alone: () => Promise<void>;
  /** Aborted when the work on another item has failed. */
  readonly stop: AbortSignal;
}

/**
 * Works on items in order, each begun when the one before is nearly done, and never more than two at a time.
 * @param together whether an item may begin beside the one before it
 * @returns results in the order of the items
 * @throws the first error of any item, after the work beside it has ended
 */
export async function overlapped<Item, Result>(
  items: readonly Item[],
  together: (before: Item, next: Item) => boolean,
  work: (item: Item, side: Side) => Promise<Result>,
): Promise<Result[]> {
  const stop = new AbortController();
  const failures: unknown[] = [];
  const begun: Promise<Result>[] = [];
  let before: { item: Item; nearlyDone: Promise<void> } | undefined;
  for (const item of items) {
    const last = begun.at(-1);
    await begun.at(-2)?.catch(() => {});
    const ended = Promise.resolve(last).then(
      () => {},
      () => {},
    );
    if (before) await (together(before.item, item) ? Promise.race([before.nearlyDone, ended]) : ended);
    if (failures.length > 0) break;
    let nearlyDone!: () => void;
    before = { item, nearlyDone: new Promise((resolve) => (nearlyDone = resolve)) };
    const result = work(item, { nearlyDone, alone: () => ended, stop: stop.signal });
    result.catch((error: unknown) => {
      failures.push(error);
      stop.abort();
    });
    begun.push(result);
  }
  await Promise.allSettled(begun);
  if (failures.length > 0) throw failures[0];
  return Promise.all(begun);
}

/**
 * Seconds before a slide's end at which the next one begins: to open one, find its tissue and read its first patches
 * takes about as long.
 */
const ahead = 10;

/** Watch over slides, one after the other, that says when each is nearly done, by the pace so far. */
export class EndWatch {
  /** Seconds per patch; undefined until two batches of a slide are done. */
  #pace: number | undefined;

  /** Returns observers of one slide. `nearlyDone` may be called more than once. */
  of(nearlyDone: () => void) {
    let first: { done: number; at: number } | undefined;
    return {
      stage: (name: SlideStage) => {
        if (name === 'publish') nearlyDone();
      },
      progress: ({ done, total }: SlideProgress) => {
        const now = performance.now();
        first ??= { done, at: now };
        if (done > first.done) this.#pace = (now - first.at) / 1000 / (done - first.done);
        if (this.#pace !== undefined && (total - done) * this.#pace <= ahead) nearlyDone();
      },
    };
  }
}
