/** Ways to cut the same work. Queues between stages hold one item more than there are workers. */
export const matrix = [4, 8, 16].flatMap((readBlock, k) =>
  [1, 2, 8].map((workers, n) => ({ readBlock, workers, sessions: 1 + ((k + n) % 3) })),
);
