// The thread in which the net runs: ONNX Runtime blocks it, and nothing else waits there.
import { parentPort, workerData } from 'node:worker_threads';
import { HoverslideError, errorLine, type ErrorKind } from '../errors.js';
import type { InferenceReply, InferenceRequest, InferenceSetup } from './inference.js';
import { Session } from './session.js';

const { model, options } = workerData as InferenceSetup;
const port = parentPort!;
const reply = (message: InferenceReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
const failure = (id: number, error: unknown): InferenceReply => {
  const kind: ErrorKind = error instanceof HoverslideError ? error.kind : 'internal';
  return { id, failure: { kind, message: errorLine(error) } };
};

try {
  const session = await Session.open(model, options);
  reply({ id: 0, ready: { provider: session.provider, passedOver: session.passedOver } });
  const answer = async ({ id, patches, count }: InferenceRequest) => {
    try {
      const start = performance.now();
      const maps = await session.run(patches, count);
      const seconds = (performance.now() - start) / 1000;
      reply({ id, done: { patches, maps, seconds } }, [
        patches.buffer as ArrayBuffer,
        maps.buffer as ArrayBuffer,
      ]);
    } catch (error) {
      reply(failure(id, error));
    }
  };
  // One at a time: the wait of a batch for the one before it is no time in ONNX Runtime.
  let last = Promise.resolve();
  port.on('message', (request: InferenceRequest) => (last = last.then(() => answer(request))));
} catch (error) {
  reply(failure(0, error));
}
