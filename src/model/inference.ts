import { HoverslideError } from '../errors.js';
import { InferenceThread } from './inference-thread.js';
import type { Model } from './model.js';
import { traits, type ProviderChoice } from './provider.js';
import { ownedDevices } from './providers/cuda.js';
import type { SessionFacts } from './session.js';

export interface InferenceOptions {
  readonly provider: ProviderChoice;
  /** Devices that share the batches, as the provider counts them; all that are this job's unless given. */
  readonly devices?: readonly number[] | undefined;
  /** Threads of the net on the CPU. */
  readonly threads: number;
  /** Patches per batch; the provider's own number unless given. */
  readonly batch?: number | undefined;
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

/** The net on one device or several of a kind, each with a session in a thread of its own. */
export class Inference implements Omit<SessionFacts, 'notices'> {
  readonly provider;
  readonly passedOver;
  readonly device;
  readonly batch;
  readonly notices: readonly string[];

  private constructor(
    readonly model: Model,
    private readonly threads: readonly InferenceThread[],
    facts: SessionFacts,
  ) {
    ({ provider: this.provider, passedOver: this.passedOver, device: this.device } = facts);
    this.notices = [...new Set(threads.flatMap((thread) => thread.facts.notices))];
    this.batch = Math.min(...threads.map((thread) => thread.facts.batch));
  }

  /**
   * @throws HoverslideError `model` if inputs or outputs do not fit the card, `unavailable` if the provider does not work,
   *   `usage` if there is no choice of devices, or the devices are not of one kind
   */
  static async open(model: Model, options: InferenceOptions): Promise<Inference> {
    const { threads, batch } = options;
    // Who names devices does not mean the CPU.
    const provider = options.devices && options.provider === 'auto' ? 'cuda' : options.provider;
    if (options.devices && provider !== 'auto' && !traits[provider].devices) {
      throw new HoverslideError('usage', `--device: expected --provider cuda or tensorrt, found ${provider}`);
    }
    const devices = options.devices ?? ownedDevices();
    const opened: InferenceThread[] = [];
    try {
      const first = await InferenceThread.open(model, { provider, device: devices[0]!, threads, batch });
      opened.push(first);
      const { facts } = first;
      for (const device of traits[facts.provider].devices ? devices.slice(1) : []) {
        opened.push(await InferenceThread.open(model, { provider: facts.provider, device, threads, batch }));
      }
      checkKind(devices, opened);
      return new Inference(model, opened, facts);
    } catch (error) {
      await Promise.all(opened.map((thread) => thread.close()));
      throw error;
    }
  }

  /** Devices that batches run on side by side. */
  get width(): number {
    return this.threads.length;
  }

  /**
   * Runs the net on a full batch, on the device with the fewest waiting. The buffer of `patches` moves to its thread and
   * comes back in the result.
   * @param patches uint8 [batch, patch, patch, 3] RGB
   * @throws HoverslideError `device` if a GPU was lost or ran out of memory
   */
  run(patches: Uint8Array): Promise<InferenceResult> {
    return this.threads.reduce((best, next) => (next.waiting < best.waiting ? next : best)).run(patches);
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}

/** A table must not depend on which device a batch went to. */
function checkKind(devices: readonly number[], threads: readonly InferenceThread[]): void {
  const names = threads.map(({ facts }) => facts.device);
  const other = names.findIndex((name) => name !== names[0]);
  if (other < 0) return;
  throw new HoverslideError(
    'usage',
    `--device: expected devices of one kind, found ${names[0]} (${devices[0]}) and ${names[other]} (${devices[other]})`,
  );
}
