// The thread in which the net runs. ONNX Runtime blocks it, so nothing else may wait there.
import { parentPort, workerData } from 'node:worker_threads';
import { HoverslideError, errorLine, type ErrorKind } from '../errors.js';
import type { ThreadReply, BatchRequest, Setup } from './inference-thread.js';
import { Session } from './session.js';

const { model, options, closing } = workerData as Setup;
const port = parentPort!;
const reply = (message: ThreadReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
const failure = (error: unknown) => {
  const kind: ErrorKind = error instanceof HoverslideError ? error.kind : 'internal';
  return { kind, message: errorLine(error) };
};

try {
  const session = await Session.open(model, options);
  reply({ id: 0, ready: session.facts });
  const answer = async ({ id, patches }: BatchRequest) => {
    try {
      const start = performance.now();
      const maps = await session.run(patches);
      const seconds = (performance.now() - start) / 1000;
      reply({ id, done: { patches, maps, seconds } }, [
        patches.buffer as ArrayBuffer,
        maps.buffer as ArrayBuffer,
      ]);
    } catch (error) {
      reply({ id, failure: failure(error), patches }, [patches.buffer as ArrayBuffer]);
    }
  };
  // One batch at a time, so that `seconds` does not include waiting for the batch before.
  let last = Promise.resolve();
  port.on('message', (request: BatchRequest | null) => {
    last = last.then(() => (request && Atomics.load(closing, 0) === 0 ? answer(request) : port.close()));
  });
} catch (error) {
  reply({ id: 0, failure: failure(error) });
}
