import { AtomicFile } from '../files.js';
import type { Polygon } from '../geometry/polygon.js';
import type { NucleiBlock } from '../nuclei/block.js';
import { columns } from './columns.js';
import type { TableContext, TableWriter } from './context.js';
import { ChunkedText, decimal, outlineDecimals } from './text.js';

/**
 * Opens a CSV table (RFC 4180, with line feeds). It has the columns of the Parquet table, with the outline as
 * well-known text.
 */
export async function openCsv(path: string, context: TableContext): Promise<TableWriter> {
  const file = await AtomicFile.open(path);
  const text = new ChunkedText((chunk) => file.write(chunk));
  await text.append(line(columns.map(({ name }) => name)));
  return {
    async write(block) {
      for (let k = 0; k < block.count; k++) await text.append(line(fields(block, k, context)));
    },
    async close() {
      await text.end();
      await file.commit();
    },
    abort: () => file.discard(),
  };
}

function fields(block: NucleiBlock, k: number, context: TableContext): string[] {
  return columns.map((column) => {
    if (column.type === 'string') return column.value(block, k, context);
    if (column.type === 'polygon') return toWkt(column.value(block, k, context));
    return decimal(column.value(block, k, context), column.decimals);
  });
}

function line(fields: readonly string[]): string {
  return `${fields.map(quoted).join(',')}\n`;
}

/**
 * Quotes a field. papaparse, which writes the cohort's table, is not used here: it takes three times as long, for
 * millions of rows.
 */
function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Returns the well-known text of a polygon. */
function toWkt(rings: Polygon): string {
  const parts = rings.map((ring) => {
    const points: string[] = [];
    for (let i = 0; i < ring.length; i += 2) {
      points.push(`${decimal(ring[i]!, outlineDecimals)} ${decimal(ring[i + 1]!, outlineDecimals)}`);
    }
    return `(${points.join(', ')})`;
  });
  return `POLYGON (${parts.join(', ')})`;
}
