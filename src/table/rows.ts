import type { Polygon } from '../geometry/polygon.js';
import type { NucleiBlock } from '../nuclei/block.js';
import { columns, type Column, type ColumnName } from './columns.js';
import type { TableContext } from './context.js';

interface ValuesOf {
  string: string[];
  float32: Float32Array;
  float64: Float64Array;
  /** Polygons in level-0 px: shell first, then holes, each closed by its first vertex. */
  polygon: Polygon[];
}

type AllValues = { [C in (typeof columns)[number] as C['name']]: ValuesOf[C['type']] };

/** Some rows of a table, column by column. Entry k of every column is nucleus k. */
export type Rows<Name extends ColumnName = ColumnName> = { readonly count: number } & {
  readonly [N in Name]: AllValues[N];
};

/**
 * Returns the rows of a block of nuclei, each value as the table stores it. All formats are written from these values,
 * so that a format that is made later, from the table, has the same bytes.
 */
export function rowsOf(block: NucleiBlock, context: TableContext): Rows {
  const { count } = block;
  const valuesOf = (column: Column): ValuesOf[Column['type']] => {
    if (column.type === 'float32') {
      return Float32Array.from({ length: count }, (_, k) => column.value(block, k, context));
    }
    if (column.type === 'float64') {
      return Float64Array.from({ length: count }, (_, k) => column.value(block, k, context));
    }
    const { value } = column;
    return Array.from({ length: count }, (_, k) => value(block, k, context)) as string[] | Polygon[];
  };
  return { count, ...Object.fromEntries(columns.map((column) => [column.name, valuesOf(column)])) } as Rows;
}

/** Selects the rows for which `keep` holds, in their order. */
export function keepRows<Name extends ColumnName>(
  rows: Rows<Name>,
  keep: (row: number) => boolean,
): Rows<Name> {
  const kept = Array.from({ length: rows.count }, (_, row) => row).filter(keep);
  if (kept.length === rows.count) return rows;
  const pick = (column: ValuesOf[Column['type']]) => {
    if (Array.isArray(column)) return kept.map((row) => column[row]);
    const picked = column.slice(0, kept.length);
    kept.forEach((row, k) => (picked[k] = column[row]!));
    return picked;
  };
  const picked = Object.entries(rows as Rows).flatMap(([name, column]) =>
    typeof column === 'number' ? [] : [[name, pick(column)] as const],
  );
  return { count: kept.length, ...Object.fromEntries(picked) } as Rows<Name>;
}
