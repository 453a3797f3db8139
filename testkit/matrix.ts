/** Ways to cut the same work. Queues between stages hold one item more than there are workers. */
export const matrix = [4, 8, 16].flatMap((readBlock) => [1, 2, 8].map((workers) => ({ readBlock, workers })));
