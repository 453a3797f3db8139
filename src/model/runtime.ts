import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import type * as OnnxRuntime from 'onnxruntime-node';
import { providerFolder, readInstalled } from './providers/store.js';

const require = createRequire(import.meta.url);

/** Files of onnxruntime-node that a copy of it needs, relative to its folder of binaries. */
export const runtimeFiles = ['onnxruntime_binding.node', 'libonnxruntime.so.1'] as const;

/** Returns the path of a file among onnxruntime-node's own binaries. */
export function packagedFile(name: string): string {
  return require.resolve(`onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/${name}`);
}

/**
 * Turns off the telemetry that ONNX Runtime's builds have since 1.29. They report each session to Microsoft (the
 * model's file name and hashes, the machine) and leave an identifier of the machine in the user's cache. ONNX Runtime
 * sees only the environment that the main thread sets, so this is also called before a thread is started.
 */
export function withoutTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
}

/**
 * Loads ONNX Runtime. It looks for its providers' libraries only in its own folder. If some are installed, the copy in
 * their folder is therefore loaded instead of the one in node_modules. That holds for every provider, since a process
 * can hold only one copy.
 */
export function onnxRuntime(): typeof OnnxRuntime {
  withoutTelemetry();
  const packaged = packagedFile(runtimeFiles[0]);
  if (!require.cache[packaged] && isInstalled()) {
    const binding = new Module(packaged);
    process.dlopen(binding, join(providerFolder(), runtimeFiles[0]));
    binding.loaded = true;
    require.cache[packaged] = binding;
  }
  return require('onnxruntime-node') as typeof OnnxRuntime;
}

function isInstalled(): boolean {
  try {
    return readInstalled() !== undefined;
  } catch {
    return false; // the provider that needs the files reports the damage
  }
}
