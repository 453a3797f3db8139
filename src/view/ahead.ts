/** Reads that are on their way at a time: the next ones come while one is looked at. */
const most = 8;

/** Gives what `read` reads for each item, in their order. After a failure nothing is left unheard. */
export async function* ahead<Item, Found>(
  items: Iterable<Item>,
  read: (item: Item) => Promise<Found>,
): AsyncGenerator<readonly [Item, Found]> {
  const under: (readonly [Item, Promise<Found>])[] = [];
  for (const item of items) {
    const found = read(item);
    found.catch(() => {}); // it is heard when its turn comes, unless an earlier one has failed
    under.push([item, found]);
    if (under.length === most) yield await first(under);
  }
  while (under.length > 0) yield await first(under);
}

async function first<Item, Found>(
  under: (readonly [Item, Promise<Found>])[],
): Promise<readonly [Item, Found]> {
  const [item, found] = under.shift()!;
  return [item, await found];
}
