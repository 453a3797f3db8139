import { HoverslideError } from '../errors.js';
import { onnxErrorLine } from './onnx-error.js';
import { NotInstalled, prepareCuda, prepareTensorrt } from './providers/cuda.js';
import { webgpuDevice } from './providers/webgpu.js';

/** Execution providers of ONNX Runtime that a user can choose. `auto` takes the best one that works. */
export const providerChoices = ['auto', 'cpu', 'cuda', 'tensorrt', 'webgpu'] as const;
export type ProviderChoice = (typeof providerChoices)[number];
export type Provider = Exclude<ProviderChoice, 'auto'>;

/** Providers that `auto` tries, best first. WebGPU (it may be a slow software device) and TensorRT must be named. */
const automatic: readonly Provider[] = ['cuda', 'cpu'];

export interface ProviderTraits {
  /**
   * Patches of 256 px per batch by default. On a GPU this is the largest batch tried; it is halved until it fits the
   * memory.
   */
  readonly batch: number;
  /** Whether the provider has several devices to choose from. */
  readonly devices: boolean;
  /**
   * Checks what the provider needs outside ONNX Runtime. This runs before ONNX Runtime, whose own errors go straight to
   * stderr and seldom say what to do. Returns the device's name, if it has one.
   * @throws Error with one line: what is missing, and what helps
   */
  prepare(device: number): string | null;
}

export const traits: Readonly<Record<Provider, ProviderTraits>> = {
  cpu: { batch: 8, devices: false, prepare: () => null },
  cuda: { batch: 64, devices: true, prepare: (device) => prepareCuda(device).name },
  tensorrt: { batch: 64, devices: true, prepare: (device) => prepareTensorrt(device).name },
  webgpu: {
    batch: 16,
    devices: false,
    prepare: webgpuDevice,
  },
};

/** Returns the default batch of patches with this side: as many pixels as one of the usual patches has, or fewer. */
export function defaultBatch(provider: Provider, patch: number): number {
  const { batch } = traits[provider];
  return Math.min(batch, Math.max(1, Math.floor((batch * 256 ** 2) / patch ** 2)));
}

export interface Chosen<Opened> {
  readonly provider: Provider;
  readonly opened: Opened;
  /** Why better providers were passed over, one line each. */
  readonly passedOver: readonly string[];
  /** The lines among them of providers that are installed, and so were meant to work. */
  readonly notices: readonly string[];
}

/**
 * Opens the chosen provider, or for `auto` the best one that works.
 * @param open opens a session and runs a small inference with it; throws if the provider does not work
 * @throws HoverslideError `unavailable` if a provider chosen by name does not work: there is no silent fall-back
 */
export async function chooseProvider<Opened>(
  choice: ProviderChoice,
  open: (provider: Provider) => Promise<Opened>,
): Promise<Chosen<Opened>> {
  const passedOver: string[] = [];
  const notices: string[] = [];
  for (const provider of choice === 'auto' ? automatic : [choice]) {
    try {
      return { provider, opened: await open(provider), passedOver, notices };
    } catch (error) {
      passedOver.push(`${provider}: ${onnxErrorLine(error)}`);
      if (!(error instanceof NotInstalled)) notices.push(`the net does not run on ${passedOver.at(-1)}`);
    }
  }
  throw new HoverslideError('unavailable', `execution provider does not work here: ${passedOver.join('; ')}`);
}
