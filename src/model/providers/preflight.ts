import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { addon } from '../../native.js';
import type { Provider } from '../provider.js';
import { runtimeFolder } from '../runtime.js';

interface LibraryBinding {
  /** The loader's reason why a library cannot be loaded, or nothing: then it stays loaded. */
  loadLibraryForGood(file: string): string;
}

/**
 * Everything a provider needs outside ONNX Runtime, checked before ONNX Runtime is asked: its own complaints go straight
 * to stderr and seldom say what to do.
 * @throws Error with one line: what is missing, and what helps
 */
export function preflight(provider: Provider): void {
  if (provider === 'cuda' || provider === 'tensorrt') needProviderLibrary(provider);
  if (provider === 'webgpu') needVulkan();
}

function needProviderLibrary(provider: Provider): void {
  for (const name of ['libonnxruntime_providers_shared.so', `libonnxruntime_providers_${provider}.so`]) {
    if (existsSync(join(runtimeFolder(), name))) continue;
    throw new Error(`not installed; 'hoverslide provider add ${provider}' does that`);
  }
}

/** ONNX Runtime reaches any vendor's GPU through Vulkan, whose loader is a library of the system. */
function needVulkan(): void {
  const reason = addon<LibraryBinding>().loadLibraryForGood('libvulkan.so.1');
  if (reason !== '') {
    throw new Error(`no Vulkan loader (on Debian or Ubuntu: apt-get install libvulkan1): ${reason}`);
  }
}
