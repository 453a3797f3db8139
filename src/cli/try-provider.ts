import { HoverslideError, errorLine } from '../errors.js';
import { ownedCores } from '../machine.js';
import { Inference } from '../model/inference.js';
import type { Model } from '../model/model.js';
import type { Provider } from '../model/provider.js';

/** Runs a patch on a provider: why it does not work here, or the name of its device where it has one. */
export async function tryProvider(
  model: Model,
  provider: Provider,
): Promise<{ problem?: string; device?: string | null }> {
  try {
    const inference = await Inference.open(model, { provider, threads: ownedCores(), batch: 1 });
    await inference.close();
    return { device: inference.device };
  } catch (error) {
    const line = errorLine(error);
    if (!(error instanceof HoverslideError)) return { problem: line };
    return { problem: line.replace(/^execution provider does not work here: \w+: /, '') };
  }
}
