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
  port.on('message', ({ id, patches, count }: InferenceRequest) => {
    const start = performance.now();
    session.run(patches, count).then(
      (maps) => {
        const seconds = (performance.now() - start) / 1000;
        reply({ id, done: { patches, maps, seconds } }, [
          patches.buffer as ArrayBuffer,
          maps.buffer as ArrayBuffer,
        ]);
      },
      (error: unknown) => reply(failure(id, error)),
    );
  });
} catch (error) {
  reply(failure(0, error));
}
