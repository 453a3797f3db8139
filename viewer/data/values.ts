import { Lru } from '../../src/view/lru.js';
import { refusalOf } from './refusal.js';
import type { Task } from './tasks.js';

const groups = new Lru<string, Promise<Float32Array>>(96 * 2 ** 20);

/** Gives a column's values of some rows; NaN where there is none. */
export async function valuesOf({
  address,
  rowGroup,
  rows,
}: Task & { readonly kind: 'values' }): Promise<Float32Array> {
  const wanted = new Set<number>();
  for (const row of rows) wanted.add(Math.floor(row / rowGroup));
  const found = new Map<number, Float32Array>();
  await Promise.all(
    [...wanted].map(async (group) => found.set(group, await load(`${address}/${group}`, rowGroup))),
  );
  return Float32Array.from(rows, (row) => found.get(Math.floor(row / rowGroup))![row % rowGroup] ?? NaN);
}

function load(address: string, rowGroup: number): Promise<Float32Array> {
  const known = groups.get(address);
  if (known) return known;
  const values = fetch(address).then(async (response) => {
    if (!response.ok) throw new Error(await refusalOf(response));
    return new Float32Array(await response.arrayBuffer());
  });
  values.catch(() => groups.delete(address));
  groups.set(address, values, 4 * rowGroup);
  return values;
}
