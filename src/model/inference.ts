import { HoverslideError } from '../errors.js';
import { InferenceThread, BatchFailed, type InferenceResult } from './inference-thread.js';
import type { Model } from './model.js';
import { traits, type ProviderChoice } from './provider.js';
import { ownedDevices } from './providers/cuda.js';
import type { SessionFacts } from './session.js';

export interface InferenceOptions {
  readonly provider: ProviderChoice;
  /** Devices that share the batches, in the provider's numbering. Default: all devices of this job. */
  readonly devices?: readonly number[] | undefined;
  /** Number of CPU threads of the net. */
  readonly threads: number;
  /** Patches per batch. Default: the provider's own number. */
  readonly batch?: number | undefined;
}

interface Device {
  /** Device number in the provider's numbering. */
  readonly number: number;
  readonly thread: InferenceThread;
}

/** The net on one device, or on several devices of one kind. Each device has a session in its own thread. */
export class Inference implements SessionFacts {
  readonly provider;
  readonly passedOver;
  readonly device;
  readonly batch;
  readonly #notices: string[];
  /** The devices that are not lost. */
  #devices: readonly Device[];

  private constructor(
    readonly model: Model,
    private readonly opened: readonly Device[],
  ) {
    const facts = opened.map(({ thread }) => thread.facts);
    ({ provider: this.provider, passedOver: this.passedOver, device: this.device } = facts[0]!);
    this.#notices = [...new Set(facts.flatMap(({ notices }) => notices))];
    this.batch = Math.min(...facts.map(({ batch }) => batch));
    this.#devices = opened;
  }

  /**
   * Opens the net on the chosen devices.
   * @throws HoverslideError `model` if inputs or outputs do not fit the card, `unavailable` if the provider does not
   *   work, `usage` if the provider has no choice of devices, or the devices are not of one kind
   */
  static async open(model: Model, options: InferenceOptions): Promise<Inference> {
    const { threads, batch } = options;
    // Devices are GPUs, so naming one rules out the CPU.
    const provider = options.devices && options.provider === 'auto' ? 'cuda' : options.provider;
    if (options.devices && provider !== 'auto' && !traits[provider].devices) {
      throw new HoverslideError(
        'usage',
        `option devices: expected provider cuda or tensorrt, found ${provider}`,
        {
          option: 'devices',
        },
      );
    }
    const [first, ...others] = options.devices ?? ownedDevices();
    const opened: Device[] = [];
    const openOn = async (number: number, choice: ProviderChoice) => {
      const thread = await InferenceThread.open(model, { provider: choice, device: number, threads, batch });
      opened.push({ number, thread });
      return thread.facts.provider;
    };
    try {
      const found = await openOn(first!, provider);
      for (const number of traits[found].devices ? others : []) await openOn(number, found);
      checkKind(opened);
      return new Inference(model, opened);
    } catch (error) {
      await Promise.all(opened.map(({ thread }) => thread.close()));
      throw error;
    }
  }

  /** Number of devices on which batches run side by side. It falls when a device is lost. */
  get width(): number {
    return this.#devices.length;
  }

  /** Numbers of the devices, if the provider has a choice of devices. */
  get devices(): readonly number[] | undefined {
    return traits[this.provider].devices ? this.#devices.map(({ number }) => number) : undefined;
  }

  /** Notices for the user, one line each; a lost device adds one. */
  get notices(): readonly string[] {
    return this.#notices;
  }

  /**
   * Runs the net on a full batch, on the device with the fewest batches waiting. If that device is lost, another one
   * runs the batch. The buffer of `patches` moves to the device's thread and comes back in the result.
   * @param patches uint8 [batch, patch, patch, 3] RGB
   * @throws HoverslideError `device` if the last device was lost, `deviceMemory` if one ran out of memory
   */
  async run(patches: Uint8Array): Promise<InferenceResult> {
    const device = this.#devices.reduce((best, next) =>
      next.thread.waiting < best.thread.waiting ? next : best,
    );
    try {
      return await device.thread.run(patches);
    } catch (error) {
      if (!(error instanceof BatchFailed) || error.kind !== 'device') throw error;
      const others = this.#devices.filter((other) => other !== device);
      if (others.length === 0) throw error;
      if (others.length < this.width) {
        this.#devices = others;
        this.#notices.push(`device ${device.number} is left out from here on: ${error.message}`);
      }
      return this.run(error.patches);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.map(({ thread }) => thread.close()));
  }
}

/** Refuses devices of different kinds: a table must not depend on the device that a batch went to. */
function checkKind(devices: readonly Device[]): void {
  const [first, other] = [
    devices[0]!,
    devices.find(({ thread }) => thread.facts.device !== devices[0]!.thread.facts.device),
  ];
  if (!other) return;
  const describe = ({ number, thread }: Device) => `${thread.facts.device} (${number})`;
  throw new HoverslideError(
    'usage',
    `option devices: expected devices of one kind, found ${describe(first)} and ${describe(other)}`,
    { option: 'devices' },
  );
}
