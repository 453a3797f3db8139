import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import type * as OnnxRuntime from 'onnxruntime-node';
import { providerFolder, readInstalled } from './providers/store.js';

const require = createRequire(import.meta.url);

/** Files of onnxruntime-node that a copy of it needs, relative to its folder of binaries. */
export const runtimeFiles = ['onnxruntime_binding.node', 'libonnxruntime.so.1'] as const;

/** A file of onnxruntime-node's own binaries. */
export function packagedFile(name: string): string {
  return require.resolve(`onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/${name}`);
}

/**
 * Keeps ONNX Runtime from what its builds do since 1.29: telling Microsoft of each session (the model's file name and
 * hashes, the machine), and leaving an identifier of the machine in the user's cache. Only what the main thread sets is
 * seen there, so this is called before a thread is started, too.
 */
export function withoutTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
}

/**
 * ONNX Runtime. It looks for the libraries of its providers beside its own and nowhere else, so where some are installed,
 * the copy beside them is loaded in place of the one in node_modules: for every provider, since a process holds one only.
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
    return false; // the provider that needs them says so
  }
}
