import { HoverslideError } from '../errors.js';
import { ownedMemory } from '../machine.js';
import { InferenceThread, BatchFailed, type InferenceResult } from './inference-thread.js';
import type { Model } from './model.js';
import { traits, type ProviderChoice } from './provider.js';
import { ownedDevices } from './providers/cuda.js';
import type { SessionFacts } from './session.js';
import { divided, planSessions, type SessionPlan } from './sessions.js';

export interface InferenceOptions {
  readonly provider: ProviderChoice;
  /** Devices that share the batches, in the provider's numbering. Default: all devices of this job. */
  readonly devices?: readonly number[] | undefined;
  /** Number of CPU threads of the net, all sessions together. */
  readonly threads: number;
  /** Number of sessions on the CPU. Default: one for each thread, as far as the memory goes. */
  readonly sessions?: number | undefined;
  /** Patches per batch. Default: the provider's own number. */
  readonly batch?: number | undefined;
}

interface Device {
  /** Device number in the provider's numbering. */
  readonly number: number;
  readonly thread: InferenceThread;
}

/**
 * The net in one session or in several that share the batches, each in its own thread: on the CPU as many as its threads
 * and memory allow, else one on each device.
 */
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
    /** How the CPU's threads are divided between sessions; undefined on a GPU. */
    readonly sessions: SessionPlan | undefined,
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
    const { batch } = options;
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
    const openOn = async (number: number, choice: ProviderChoice, threads: number) => {
      const thread = await InferenceThread.open(model, { provider: choice, device: number, threads, batch });
      opened.push({ number, thread });
      return thread.facts.provider;
    };
    const given = options.sessions && {
      threads: divided(options.threads, options.sessions),
      reason: 'as asked for',
    };
    try {
      const before = process.memoryUsage.rss();
      const found = await openOn(first!, provider, given ? given.threads[0]! : 1);
      if (traits[found].devices) {
        for (const number of others) await openOn(number, found, 1);
        checkKind(opened);
      }
      if (traits[found].devices || found !== 'cpu') return new Inference(model, opened, undefined);
      const plan = given || (await planByMemory(opened[0]!.thread, model, options.threads, before));
      if (plan.threads[0]! > 1 && !given) {
        await opened.pop()!.thread.close(); // it has too few threads
        await openOn(first!, found, plan.threads[0]!);
      }
      const more = plan.threads.slice(1).map((threads) => openOn(first!, found, threads));
      await Promise.allSettled(more); // none may be left behind if another fails
      await Promise.all(more);
      return new Inference(model, opened, plan);
    } catch (error) {
      await Promise.all(opened.map(({ thread }) => thread.close()));
      throw error;
    }
  }

  /** Number of sessions in which batches run side by side. It falls when a device is lost. */
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
   * Runs the net on a batch, on a GPU a full one, in the session with the fewest batches waiting. If that device is lost, another one
   * runs the batch. The buffer of `patches` moves to the device's thread and comes back in the result.
   * @param patches uint8 [n, patch, patch, 3] RGB, n at most `batch`
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

/**
 * Returns how a run on the CPU would divide its threads between sessions, without opening them all.
 * @throws HoverslideError `model` if inputs or outputs do not fit the card
 */
export async function cpuSessions(model: Model, threads: number): Promise<SessionPlan> {
  const before = process.memoryUsage.rss();
  const first = await InferenceThread.open(model, { provider: 'cpu', threads: 1 });
  try {
    return await planByMemory(first, model, threads, before);
  } finally {
    await first.close();
  }
}

/**
 * Chooses the number of sessions by the memory that a first one takes for a batch.
 * @param before memory of the process in bytes before the first session was opened
 */
async function planByMemory(
  first: InferenceThread,
  { card }: Model,
  threads: number,
  before: number,
): Promise<SessionPlan> {
  if (threads === 1) return planSessions(1, 0, ownedMemory());
  await first.run(new Uint8Array(first.facts.batch * card.patch ** 2 * 3));
  return planSessions(threads, Math.max(process.memoryUsage.rss() - before, 1), ownedMemory());
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
