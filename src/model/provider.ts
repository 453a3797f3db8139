import { HoverslideError, errorLine } from '../errors.js';

/** Execution providers of ONNX Runtime that a user can ask for; `auto` takes the best that works. */
export const providerChoices = ['auto', 'cpu', 'cuda', 'tensorrt', 'webgpu'] as const;
export type ProviderChoice = (typeof providerChoices)[number];
export type Provider = Exclude<ProviderChoice, 'auto'>;

/** What `auto` tries, best first. WebGPU is not among them: it has to be asked for. */
const automatic: readonly Provider[] = ['cuda', 'cpu'];

export interface Chosen<Session> {
  readonly provider: Provider;
  readonly session: Session;
  /** Why better providers were passed over, one line each. */
  readonly passedOver: readonly string[];
}

/**
 * Opens a session with the provider asked for, or with the best that works.
 * @param open opens a session and runs a small inference with it; throws where the provider does not work
 * @throws HoverslideError `unavailable` if the provider asked for by name does not work: never a silent fall-back
 */
export async function chooseProvider<Session>(
  choice: ProviderChoice,
  open: (provider: Provider) => Promise<Session>,
): Promise<Chosen<Session>> {
  const passedOver: string[] = [];
  for (const provider of choice === 'auto' ? automatic : [choice]) {
    try {
      return { provider, session: await open(provider), passedOver };
    } catch (error) {
      passedOver.push(`${provider}: ${errorLine(error)}`);
    }
  }
  throw new HoverslideError('unavailable', `execution provider does not work here: ${passedOver.join('; ')}`);
}
