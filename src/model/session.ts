import type { InferenceSession } from 'onnxruntime-node';
import { HoverslideError, errorLine } from '../errors.js';
import { largestBatch } from './batch.js';
import { causeOf, onnxErrorLine } from './onnx-error.js';
import type { Model } from './model.js';
import { chooseProvider, defaultBatch, traits, type Provider, type ProviderChoice } from './provider.js';
import { onnxRuntime } from './runtime.js';

export interface SessionOptions {
  readonly provider: ProviderChoice;
  /** Number of the device in the provider's numbering. Default: the first. */
  readonly device?: number;
  /** Number of CPU threads of the net. */
  readonly threads: number;
  /** Patches per batch. Default: the provider's own number. */
  readonly batch?: number | undefined;
}

/** What is known of a session after it has been opened. */
export interface SessionFacts {
  readonly provider: Provider;
  /** Why better providers were passed over, one line each. */
  readonly passedOver: readonly string[];
  /** Name of the device, if the provider states it. */
  readonly device: string | null;
  /** Patches per batch. */
  readonly batch: number;
  /** What the user should know, one line each. */
  readonly notices: readonly string[];
}

/**
 * The net of one model on one device. Calls block the thread in which they are made, so the session lives in its own
 * worker thread (inference-worker.ts).
 */
export class Session {
  private constructor(
    private readonly session: InferenceSession,
    private readonly model: Model,
    readonly facts: SessionFacts,
  ) {}

  /**
   * Opens a session.
   * @throws HoverslideError `model` if inputs or outputs do not fit the card, `unavailable` if the provider does not
   *   work
   */
  static async open(model: Model, options: SessionOptions): Promise<Session> {
    // First load and check the model on the CPU: if the model itself is at fault, no provider is blamed for it.
    const onCpu = await loadOnCpu(model, options);
    await check(model, onCpu);
    const { provider, opened, passedOver, notices } = await chooseProvider(
      options.provider,
      async (candidate) => {
        if (candidate !== 'cpu') return openOn(candidate, model, options);
        return {
          session: onCpu,
          device: null,
          batch: options.batch ?? defaultBatch('cpu', model.card.patch),
          notices: [],
        };
      },
    );
    const { session, device, batch } = opened;
    const facts = { provider, passedOver, device, batch, notices: [...notices, ...opened.notices] };
    if (session !== onCpu) await onCpu.release();
    return new Session(session, model, facts);
  }

  /**
   * Runs the net on patches.
   * @param patches uint8 [count, patch, patch, 3] RGB
   * @returns packed maps, uint8 [count, stride, stride, 4]: np, h, v, class
   * @throws HoverslideError `device` if the device was lost, `deviceMemory` if it ran out of memory
   */
  async run(patches: Uint8Array): Promise<Uint8Array> {
    const { provider, device, batch } = this.facts;
    try {
      return await run(this.session, this.model, patches);
    } catch (error) {
      const cause = causeOf(error);
      if (cause === 'other') throw error;
      const place = device === null ? provider : `${provider} (${device})`;
      const [kind, what] =
        cause === 'memory'
          ? (['deviceMemory', `ran out of memory with batches of ${batch} patches`] as const)
          : (['device', 'was lost'] as const);
      throw new HoverslideError(kind, `${place} ${what}: ${onnxErrorLine(error)}`, { cause: error });
    }
  }
}

/** Opens a session on a GPU and runs a full batch, so that memory that is enough now is enough for the whole run. */
async function openOn(provider: Provider, model: Model, options: SessionOptions) {
  const device = traits[provider].prepare(options.device ?? 0);
  const attempt = async (batch: number) => {
    const session = await create(model, provider, options);
    try {
      await run(session, model, new Uint8Array(batch * model.card.patch ** 2 * 3));
      return session;
    } catch (error) {
      await session.release();
      throw error;
    }
  };
  return {
    device,
    ...(await largestBatch(options.batch ?? defaultBatch(provider, model.card.patch), attempt)),
  };
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
  const deviceId = options.device ?? 0;
  const executionProviders = {
    cpu: ['cpu'],
    cuda: [{ name: 'cuda', deviceId }],
    tensorrt: [
      { name: 'tensorrt', deviceId },
      { name: 'cuda', deviceId },
    ], // CUDA does what TensorRT cannot do
    webgpu: ['webgpu'],
  }[provider];
  return onnxRuntime().InferenceSession.create(model.path, {
    executionProviders,
    intraOpNumThreads: options.threads,
    logSeverityLevel: 4,
    // On the CPU the plan of a batch's memory makes nothing faster, and takes a tenth more of it, for HoVer-Net 1.7 times as much.
    enableMemPattern: provider !== 'cpu',
    // Waiting threads of the net leave their cores to readers and post-processing.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}

async function run(session: InferenceSession, model: Model, patches: Uint8Array): Promise<Uint8Array> {
  const { patch } = model.card;
  const { Tensor } = onnxRuntime();
  const image = new Tensor('uint8', patches, [patches.length / (patch * patch * 3), patch, patch, 3]);
  const { maps } = await session.run({ image }, ['maps']);
  return maps!.data as Uint8Array;
}

/**
 * Checks that inputs and outputs are as the card says. Names and types are checked as declared, shapes by running a
 * patch.
 */
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
    size = (await run(session, model, new Uint8Array(patch * patch * 3))).length;
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
