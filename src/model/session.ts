import type { InferenceSession } from 'onnxruntime-node';
import { HoverslideError, errorLine } from '../errors.js';
import type { Model } from './model.js';
import { chooseProvider, type Provider, type ProviderChoice } from './provider.js';
import { preflight } from './providers/preflight.js';
import { onnxRuntime } from './runtime.js';

export interface SessionOptions {
  readonly provider: ProviderChoice;
  /** Threads of the net on the CPU. */
  readonly threads: number;
  /** Patches per batch. */
  readonly batch: number;
}

/**
 * The net of one model on one provider. Calls block the thread that they are made on, so the session lives in a worker
 * thread of its own (inference-worker.ts).
 */
export class Session {
  private constructor(
    private readonly session: InferenceSession,
    private readonly model: Model,
    readonly provider: Provider,
    readonly passedOver: readonly string[],
  ) {}

  /** @throws HoverslideError `model` if inputs or outputs do not fit the card, `unavailable` if the provider does not work */
  static async open(model: Model, options: SessionOptions): Promise<Session> {
    // A model that cannot be loaded at all, or does not fit, is refused as such before any provider is blamed.
    const onCpu = await loadOnCpu(model, options);
    await check(model, onCpu);
    const chosen = await chooseProvider(options.provider, async (provider) => {
      if (provider === 'cpu') return onCpu;
      preflight(provider);
      const session = await create(model, provider, options);
      await run(session, model, new Uint8Array(model.card.patch ** 2 * 3), 1);
      return session;
    });
    if (chosen.session !== onCpu) await onCpu.release();
    return new Session(chosen.session, model, chosen.provider, chosen.passedOver);
  }

  /**
   * @param patches uint8 [count, patch, patch, 3] RGB
   * @returns packed maps, uint8 [count, stride, stride, 4]: np, h, v, class
   */
  run(patches: Uint8Array, count: number): Promise<Uint8Array> {
    return run(this.session, this.model, patches, count);
  }
}

async function loadOnCpu(model: Model, options: SessionOptions): Promise<InferenceSession> {
  try {
    return await create(model, 'cpu', options);
  } catch (error) {
    throw new HoverslideError(
      'model',
      `${model.path}: ONNX Runtime cannot load the model: ${errorLine(error)}`,
      { cause: error },
    );
  }
}

function create(model: Model, provider: Provider, options: SessionOptions): Promise<InferenceSession> {
  return onnxRuntime().InferenceSession.create(model.path, {
    executionProviders: [provider],
    intraOpNumThreads: options.threads,
    logSeverityLevel: 4,
    ...(process.env['SPIN']
      ? { extra: { session: { intra_op: { allow_spinning: process.env['SPIN'] } } } }
      : {}),
  });
}

async function run(
  session: InferenceSession,
  model: Model,
  patches: Uint8Array,
  count: number,
): Promise<Uint8Array> {
  const { patch } = model.card;
  const { Tensor } = onnxRuntime();
  const image = new Tensor('uint8', patches, [count, patch, patch, 3]);
  const { maps } = await session.run({ image }, ['maps']);
  return maps!.data as Uint8Array;
}

/** Inputs and outputs must be those that the card promises: names and types as declared, shapes as they come out. */
async function check(model: Model, session: InferenceSession): Promise<void> {
  const { patch, stride } = model.card;
  const refuse = (expected: string, found: string) => {
    throw new HoverslideError('model', `${model.path}: expected ${expected}, found ${found}`);
  };
  const inputs = session.inputMetadata.map(
    (input) => `${input.name} ${input.isTensor ? input.type : 'no tensor'}`,
  );
  if (inputs.join() !== 'image uint8') refuse(`one input 'image uint8'`, `'${inputs.join(', ')}'`);
  const maps = session.outputMetadata.find((output) => output.name === 'maps');
  if (!maps) refuse(`an output 'maps'`, `'${session.outputNames.join(', ')}'`);
  if (!maps!.isTensor || maps!.type !== 'uint8')
    refuse(`output 'maps' of uint8`, maps!.isTensor ? maps!.type : 'no tensor');
  let size: number;
  try {
    size = (await run(session, model, new Uint8Array(patch * patch * 3), 1)).length;
  } catch (error) {
    throw new HoverslideError(
      'model',
      `${model.path}: expected input [n, ${patch}, ${patch}, 3] to work, found: ${errorLine(error)}`,
      { cause: error },
    );
  }
  if (size !== stride * stride * 4)
    refuse(`output 'maps' [n, ${stride}, ${stride}, 4]`, `${size} values for one patch`);
}
