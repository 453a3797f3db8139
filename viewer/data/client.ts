import type { Answer, Request, Results, Task } from './tasks.js';
import { lineOf } from '../format.js';

interface Running {
  resolve(result: Results[keyof Results]): void;
  reject(error: Error): void;
}

/** The page's end of the worker. */
export class WorkerClient {
  readonly #worker = new Worker('assets/worker.js');
  readonly #running = new Map<number, Running>();
  #next = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const running = this.#running.get(data.id);
      this.#running.delete(data.id);
      if ('error' in data) running?.reject(new Error(data.error));
      else running?.resolve(data.result);
    };
  }

  do<K extends Task['kind']>(task: Task & { readonly kind: K }): Promise<Results[K]> {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#running.set(id, { resolve: resolve as Running['resolve'], reject });
      // The worker's own addresses would begin where its script lies.
      const address = new URL(task.address, document.baseURI).href;
      const request: Request = { ...task, address, id };
      this.#worker.postMessage(request);
    });
  }

  close(): void {
    this.#worker.terminate();
  }
}

/** How long something that could not be loaded is not asked for again, in ms. */
const patience = 10_000;

/** Work of which at most so much is under way at once. The list is made anew for each view: what left it is not begun. */
export class Agenda {
  #wanted: readonly Job[] = [];
  readonly #running = new Set<string>();
  readonly #refused = new Map<string, number>();

  /** @param failed is called with the line that says why something failed */
  constructor(
    readonly atOnce: number,
    readonly failed: (line: string) => void,
  ) {}

  /** Pieces that are under way or wait. */
  get length(): number {
    return this.#running.size + this.#wanted.length;
  }

  /** Says what is wanted from now on, the most urgent first. */
  want(jobs: readonly Job[]): void {
    const now = performance.now();
    this.#wanted = jobs.filter(
      ({ name }) => !this.#running.has(name) && (this.#refused.get(name) ?? 0) <= now,
    );
    this.#start();
  }

  #start(): void {
    while (this.#running.size < this.atOnce && this.#wanted.length > 0) {
      const [first, ...rest] = this.#wanted;
      this.#wanted = rest;
      void this.#run(first!);
    }
  }

  async #run({ name, work }: Job): Promise<void> {
    this.#running.add(name);
    try {
      await work();
    } catch (error) {
      this.#refused.set(name, performance.now() + patience);
      this.failed(lineOf(error));
    } finally {
      this.#running.delete(name);
      this.#start();
    }
  }
}

export interface Job {
  readonly name: string;
  readonly work: () => Promise<void>;
}
