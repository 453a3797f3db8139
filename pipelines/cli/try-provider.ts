import { HoverslideError, errorLine } from '../../src/errors.js';
import { ownedCores } from '../../src/machine.js';
import { Inference } from '../../src/model/inference.js';
import type { Model } from '../../src/model/model.js';
import type { Provider } from '../../src/model/provider.js';

/**
 * Runs a patch on a provider. Returns why the provider does not work here, or else the name of its device, if it has
 * one.
 */
export async function tryProvider(
  model: Model,
  provider: Provider,
): Promise<{ problem?: string; device?: string | null }> {
  try {
    const inference = await Inference.open(model, { provider, threads: ownedCores(), sessions: 1, batch: 1 });
    await inference.close();
    return { device: inference.device };
  } catch (error) {
    const line = errorLine(error);
    if (!(error instanceof HoverslideError)) return { problem: line };
    return { problem: line.replace(/^execution provider does not work here: \w+: /, '') };
  }
}
