/**
 * Runs `work` on items as they come, at most `limit` at a time, and yields the results in order: a stage of a pipeline.
 * It runs ahead of its consumer, but never holds more than `limit` items, begun or finished. So a slow stage stops the
 * ones before it. It ends its source early if the consumer stops or an item fails.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const queue: Promise<Result>[] = [];
  let inside = 0;
  let ended = false;
  let stopped = false;
  const room = signal();
  const news = signal();

  const pump = async () => {
    for await (const item of items) {
      while (inside >= limit && !stopped) await room.wait();
      if (stopped) return;
      inside++;
      const result = work(item);
      result.catch(() => {}); // a failure is seen when the item's turn comes
      queue.push(result);
      news.give();
    }
  };
  const pumping = pump().finally(() => {
    ended = true;
    news.give();
  });
  pumping.catch(() => {}); // a failure is seen below

  try {
    for (;;) {
      const next = queue.shift();
      if (next) {
        yield await next;
        inside--;
        room.give();
      } else if (ended) {
        await pumping;
        return;
      } else {
        await news.wait();
      }
    }
  } finally {
    stopped = true;
    room.give();
    await Promise.allSettled([...queue, pumping]);
  }
}

/** Returns a signal that one side waits for and another gives. A signal given before the wait counts. */
function signal() {
  let given = false;
  let wake: (() => void) | undefined;
  return {
    give() {
      given = true;
      wake?.();
    },
    async wait() {
      if (!given) await new Promise<void>((resolve) => (wake = resolve));
      given = false;
      wake = undefined;
    },
  };
}
