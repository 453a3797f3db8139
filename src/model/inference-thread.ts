import { Worker } from 'node:worker_threads';
import { HoverslideError, type ErrorKind } from '../errors.js';
import type { Model } from './model.js';
import { withoutTelemetry } from './runtime.js';
import type { SessionFacts, SessionOptions } from './session.js';

export interface Setup {
  readonly model: Model;
  readonly options: SessionOptions;
  /** Int32 [1], shared. Not 0 as soon as no further batch may run. */
  readonly closing: Int32Array;
}
/** Maps of a batch together with its patches, because stitching needs both. */
export interface InferenceResult {
  /** uint8 [n, patch, patch, 3] */
  readonly patches: Uint8Array;
  /** uint8 [n, stride, stride, 4] */
  readonly maps: Uint8Array;
  /** Time spent in ONNX Runtime. */
  readonly seconds: number;
}

export interface BatchRequest {
  readonly id: number;
  readonly patches: Uint8Array;
}
export type ThreadReply = { readonly id: number } & (
  | { readonly ready: SessionFacts }
  | { readonly done: InferenceResult }
  | {
      readonly failure: { readonly kind: ErrorKind; readonly message: string };
      readonly patches?: Uint8Array;
    }
);

/** Error of a batch that failed on its device. */
export class BatchFailed extends HoverslideError {
  constructor(
    kind: ErrorKind,
    message: string,
    /** The patches as they were given. */
    readonly patches: Uint8Array,
  ) {
    super(kind, message);
  }
}

interface Waiting {
  readonly resolve: (reply: ThreadReply) => void;
  readonly reject: (error: Error) => void;
}

/** A net on one device, in its own thread. Batches are answered in the order in which they are given. */
export class InferenceThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  readonly #closing = new Int32Array(new SharedArrayBuffer(4));
  readonly #ended: Promise<void>;
  #facts!: SessionFacts;

  private constructor(model: Model, options: SessionOptions) {
    const workerData: Setup = { model, options, closing: this.#closing };
    withoutTelemetry();
    this.#worker = new Worker(new URL('./inference-worker.js', import.meta.url), { workerData });
    this.#worker.on('message', (reply: ThreadReply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#fail(new Error('the inference thread has ended'));
        resolve();
      });
    });
  }

  /** Opens the net in a new thread. @throws HoverslideError as Session.open does */
  static async open(model: Model, options: SessionOptions): Promise<InferenceThread> {
    const thread = new InferenceThread(model, options);
    try {
      const reply = await thread.#answer(0);
      if (!('ready' in reply)) throw new Error('the inference thread began with an answer');
      thread.#facts = reply.ready;
      return thread;
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  get facts(): SessionFacts {
    return this.#facts;
  }

  /** Number of batches that are given but not yet answered. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Runs the net on a batch, as Inference.run. @throws BatchFailed if the device failed, Error otherwise */
  async run(patches: Uint8Array): Promise<InferenceResult> {
    const id = this.#next++;
    const answer = this.#answer(id);
    const request: BatchRequest = { id, patches };
    this.#worker.postMessage(request, [patches.buffer as ArrayBuffer]);
    const reply = await answer;
    if (!('done' in reply)) throw new Error('the inference thread gave an answer to another question');
    return reply.done;
  }

  /** Ends the thread after its current batch. Ended inside ONNX Runtime, it would take the whole process with it. */
  async close(): Promise<void> {
    Atomics.store(this.#closing, 0, 1);
    this.#worker.postMessage(null); // wakes the thread
    await this.#ended;
  }

  #answer(id: number): Promise<ThreadReply> {
    if (this.#closing[0] !== 0) return Promise.reject(new Error('the inference thread has ended'));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #settle(reply: ThreadReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (!('failure' in reply)) return waiting?.resolve(reply);
    const { kind, message } = reply.failure;
    if (kind === 'internal') waiting?.reject(new Error(message));
    else if (reply.patches) waiting?.reject(new BatchFailed(kind, message, reply.patches));
    else waiting?.reject(new HoverslideError(kind, message));
  }

  #fail(error: Error): void {
    Atomics.store(this.#closing, 0, 1);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
