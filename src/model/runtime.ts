import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type * as OnnxRuntime from 'onnxruntime-node';

const require = createRequire(import.meta.url);

/** The folder that ONNX Runtime's own library is loaded from, and where it looks for those of its providers. */
export function runtimeFolder(): string {
  const { platform, arch } = process;
  return dirname(
    require.resolve(`onnxruntime-node/bin/napi-v6/${platform}/${arch}/onnxruntime_binding.node`),
  );
}

/** ONNX Runtime, loaded at the first call. */
export function onnxRuntime(): typeof OnnxRuntime {
  return require('onnxruntime-node') as typeof OnnxRuntime;
}
