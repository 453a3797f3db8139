// Tasks of the thread that writes tables. Each answers with how long it took, or with what went wrong.
import { HoverslideError, errorLine } from '../../src/errors.js';
import { ModelSpace } from '../../src/slide/model-space.js';
import type { TableContext } from '../../src/table/context.js';
import { openTable } from '../../src/table/open.js';
import { rowsOf } from '../../src/table/rows.js';
import type { TableWriter } from '../../src/table/writer.js';
import type { TablesReply, TablesTask, WriteTask } from './tables.js';

interface Open {
  readonly context: TableContext;
  readonly writers: TableWriter[];
}

/** The tables of the slides that are at work. */
const slides = new Map<number, Open>();

export function open({ id, files, facts, context, space }: TablesTask): Promise<TablesReply> {
  return answer(async () => {
    const writers: TableWriter[] = [];
    slides.set(id, { context: { ...context, space: new ModelSpace(...space) }, writers });
    try {
      for (const { format, path } of files) writers.push(await openTable(format, path, facts));
    } catch (error) {
      await remove(id);
      throw error;
    }
  });
}

export function write({ id, block }: WriteTask): Promise<TablesReply> {
  return answer(async () => {
    const { context, writers } = slides.get(id)!;
    const rows = rowsOf(block, context);
    for (const writer of writers) await writer.write(rows);
  });
}

export function close(id: number): Promise<TablesReply> {
  return answer(async () => {
    for (const writer of slides.get(id)!.writers) await writer.close();
    slides.delete(id);
  });
}

export function abort(id: number): Promise<TablesReply> {
  return answer(() => remove(id));
}

async function remove(id: number): Promise<void> {
  const { writers } = slides.get(id) ?? { writers: [] };
  slides.delete(id);
  await Promise.all(writers.map((writer) => writer.abort()));
}

async function answer(work: () => Promise<void>): Promise<TablesReply> {
  const start = performance.now();
  try {
    await work();
    return { seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    return { kind: error instanceof HoverslideError ? error.kind : 'internal', message: errorLine(error) };
  }
}
