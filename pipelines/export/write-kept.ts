import { stat } from 'node:fs/promises';
import { HoverslideError } from '../../src/errors.js';
import type { Rows } from '../../src/table/rows.js';
import type { TableWriter } from '../../src/table/writer.js';

/** Returns what changes when a file is replaced; undefined if it is not there. */
export async function versionOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && `${found.ino} ${found.mtimeMs}`;
}

/**
 * Writes rows of a table to other ones, all at once. Memory holds what comes at a time. After a failure none of them is there.
 * @param table its path, and its version before it was opened
 * @param writers functions that open the others
 * @returns the number of rows
 * @throws HoverslideError `input` if the table cannot be read, or was replaced meanwhile, `output`
 */
export async function writeKept(
  table: { readonly path: string; readonly version: string | undefined },
  writers: readonly (() => Promise<TableWriter>)[],
  rows: AsyncIterable<Rows>,
): Promise<number> {
  const open: TableWriter[] = [];
  let count = 0;
  try {
    for (const writer of writers) open.push(await writer());
    for await (const some of rows) {
      for (const writer of open) await writer.write(some);
      count += some.count;
    }
    if ((await versionOf(table.path)) !== table.version) {
      throw new HoverslideError('input', `${table.path}: a run has replaced it meanwhile: export it again`);
    }
    for (const writer of open) await writer.close();
    return count;
  } catch (error) {
    await Promise.all(open.map((writer) => writer.abort()));
    throw error;
  }
}
