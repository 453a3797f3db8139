import { Piscina } from 'piscina';
import { HoverslideError, type ErrorKind } from '../../src/errors.js';
import type { NucleiBlock } from '../../src/nuclei/block.js';
import type { TableContext, TableFacts } from '../../src/table/context.js';
import type { TableFormat } from '../../src/table/open.js';

/** A slide's tables as they are to be opened. */
export interface TablesTask {
  readonly id: number;
  readonly files: readonly { readonly format: TableFormat; readonly path: string }[];
  readonly facts: TableFacts;
  readonly context: Omit<TableContext, 'space'>;
  /** The arguments of ModelSpace, since methods do not travel between threads. */
  readonly space: readonly [width: number, height: number, scale: number, mpp: number];
}

export interface WriteTask {
  readonly id: number;
  readonly block: NucleiBlock;
}

/** What became of a task. An error's class is lost between threads, so its kind travels by name. */
export type TablesReply =
  { readonly seconds: number } | { readonly kind: ErrorKind; readonly message: string };

/**
 * The thread in which tables are written: rows, compression and files take half of what a nucleus costs beside the net,
 * and the main thread has to keep pace with all cores. It is shared by the slides of a run.
 */
export class Tables {
  readonly #piscina = new Piscina({
    filename: new URL('./tables-worker.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1, // so that tasks are done in the order in which they are given
    idleTimeout: Infinity,
  });
  #next = 0;

  /** Opens tables. @throws HoverslideError `output` if one cannot be written */
  async open(
    files: TablesTask['files'],
    facts: TableFacts,
    { space, ...context }: TableContext,
  ): Promise<SlideTables> {
    const task: TablesTask = {
      id: this.#next++,
      files,
      facts,
      context,
      space: [space.width, space.height, space.scale, space.mpp],
    };
    await this.run('open', task);
    return new SlideTables(this, task.id);
  }

  /** Runs a task. Returns how long it took. */
  async run(name: string, task: unknown): Promise<number> {
    const reply = (await this.#piscina.run(task, { name })) as TablesReply;
    if ('seconds' in reply) return reply.seconds;
    throw reply.kind === 'internal'
      ? new Error(reply.message)
      : new HoverslideError(reply.kind, reply.message);
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
  }
}

/** A slide's tables on their way to disk. After a failed `write` or `close`, `abort` removes what was written. */
export class SlideTables {
  #last: Promise<unknown> = Promise.resolve();
  #seconds = 0;

  constructor(
    private readonly tables: Tables,
    private readonly id: number,
  ) {}

  /** Seconds that rows and files have taken so far. */
  get seconds(): number {
    return this.#seconds;
  }

  /**
   * Has rows written. Returns as soon as those before are, so that one portion is on its way at a time.
   * @throws HoverslideError `output`, of this portion or the one before
   */
  async write(block: NucleiBlock): Promise<void> {
    await this.#last;
    const task: WriteTask = { id: this.id, block };
    this.#last = this.#run('write', task);
    this.#last.catch(() => {}); // seen by whoever comes next
  }

  /** Finishes the files and gives them their names. @throws HoverslideError `output` */
  async close(): Promise<void> {
    await this.#last;
    await this.#run('close', this.id);
  }

  async abort(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#run('abort', this.id);
  }

  async #run(name: string, task: unknown): Promise<void> {
    this.#seconds += await this.tables.run(name, task);
  }
}
