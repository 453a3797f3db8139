import type { Answer, Request, Results, Task } from './tasks.js';

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
      const request: Request = { ...task, id };
      this.#worker.postMessage(request);
    });
  }

  close(): void {
    this.#worker.terminate();
  }
}

/** Work of which at most so much is under way at once. The list is made anew for each view: what left it is not begun. */
export class Agenda {
  #wanted: readonly Job[] = [];
  readonly #running = new Set<string>();

  constructor(readonly atOnce: number) {}

  /** Pieces that are under way or wait. */
  get length(): number {
    return this.#running.size + this.#wanted.length;
  }

  /** Says what is wanted from now on, the most urgent first. */
  want(jobs: readonly Job[]): void {
    this.#wanted = jobs.filter(({ name }) => !this.#running.has(name));
    this.#start();
  }

  #start(): void {
    while (this.#running.size < this.atOnce && this.#wanted.length > 0) {
      const [first, ...rest] = this.#wanted;
      this.#wanted = rest;
      this.#running.add(first!.name);
      void first!.work().finally(() => {
        this.#running.delete(first!.name);
        this.#start();
      });
    }
  }
}

export interface Job {
  readonly name: string;
  /** Must not reject: what fails is told where it belongs. */
  work(): Promise<void>;
}
