import { AtomicFile } from '../files.js';
import type { Polygon } from '../geometry/polygon.js';
import { columns } from './columns.js';
import type { TableWriter } from './writer.js';
import type { Rows } from './rows.js';
import { ChunkedText, decimal, outlineDecimals } from './text.js';

/**
 * Opens a CSV table (RFC 4180, with line feeds). It has the columns of the Parquet table, with the outline as
 * well-known text.
 */
export async function openCsv(path: string): Promise<TableWriter> {
  const file = await AtomicFile.open(path);
  const text = new ChunkedText((chunk) => file.write(chunk));
  await text.append(line(columns.map(({ name }) => name)));
  return {
    async write(rows) {
      for (let k = 0; k < rows.count; k++) await text.append(line(fields(rows, k)));
    },
    async close() {
      await text.end();
      await file.commit();
    },
    abort: () => file.discard(),
  };
}

function fields(rows: Rows, k: number): string[] {
  return columns.map((column) => {
    if (column.type === 'string') return rows[column.name][k]!;
    if (column.type === 'polygon') return toWkt(rows[column.name][k]!);
    return decimal(rows[column.name][k]!, column.decimals);
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
