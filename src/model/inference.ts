import { Worker } from 'node:worker_threads';
import { HoverslideError, type ErrorKind } from '../errors.js';
import type { Model } from './model.js';
import type { Provider } from './provider.js';
import type { SessionOptions } from './session.js';

export interface InferenceSetup {
  readonly model: Model;
  readonly options: SessionOptions;
}
export interface InferenceRequest {
  readonly id: number;
  readonly patches: Uint8Array;
  readonly count: number;
}
/** Patches come back with their maps: both go on to stitching. */
export interface InferenceResult {
  /** uint8 [batch, patch, patch, 3] */
  readonly patches: Uint8Array;
  /** uint8 [batch, stride, stride, 4] */
  readonly maps: Uint8Array;
  /** Time within ONNX Runtime. */
  readonly seconds: number;
}
export type InferenceReply = { readonly id: number } & (
  | { readonly ready: { readonly provider: Provider; readonly passedOver: readonly string[] } }
  | { readonly done: InferenceResult }
  | { readonly failure: { readonly kind: ErrorKind; readonly message: string } }
);

interface Waiting {
  resolve(reply: InferenceReply): void;
  reject(error: Error): void;
}

/** The net in its own thread. Batches are answered in the order in which they are given. */
export class Inference {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #closed = false;
  #provider: Provider = 'cpu';
  #passedOver: readonly string[] = [];

  private constructor(
    readonly model: Model,
    readonly options: SessionOptions,
  ) {
    const workerData: InferenceSetup = { model, options };
    this.#worker = new Worker(new URL('./inference-worker.js', import.meta.url), { workerData });
    this.#worker.on('message', (reply: InferenceReply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the inference thread has ended')));
  }

  /** @throws HoverslideError as Session.open does */
  static async open(model: Model, options: SessionOptions): Promise<Inference> {
    const inference = new Inference(model, options);
    try {
      const reply = await inference.#answer(0);
      if ('ready' in reply) {
        inference.#provider = reply.ready.provider;
        inference.#passedOver = reply.ready.passedOver;
      }
      return inference;
    } catch (error) {
      await inference.close();
      throw error;
    }
  }

  get provider(): Provider {
    return this.#provider;
  }

  /** Why better providers were passed over, one line each. */
  get passedOver(): readonly string[] {
    return this.#passedOver;
  }

  /**
   * Runs the net on a full batch. The buffer of `patches` moves to the inference thread and comes back in the result.
   * @param patches uint8 [batch, patch, patch, 3] RGB
   */
  async run(patches: Uint8Array): Promise<InferenceResult> {
    const id = this.#next++;
    const answer = this.#answer(id);
    const request: InferenceRequest = { id, patches, count: this.options.batch };
    this.#worker.postMessage(request, [patches.buffer as ArrayBuffer]);
    const reply = await answer;
    if (!('done' in reply)) throw new Error('the inference thread gave an answer to another question');
    return reply.done;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker.terminate();
  }

  #answer(id: number): Promise<InferenceReply> {
    if (this.#closed) return Promise.reject(new Error('the inference thread has ended'));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #settle(reply: InferenceReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('failure' in reply) waiting?.reject(new HoverslideError(reply.failure.kind, reply.failure.message));
    else waiting?.resolve(reply);
  }

  #fail(error: Error): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
