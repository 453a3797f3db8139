/** An error of CUDA or its libraries. After a semicolon ONNX Runtime names the place in its source. */
const ofCuda = /\b(?:CUDA|CUDNN|CUDNN_FE|CUBLAS|CURAND|CUFFT) (?:failure|error)\b[^;]*/i;

/** Matches errors of too little memory: of ONNX Runtime's arenas, CUDA and its libraries, C++, Vulkan and WebGPU. */
const ofMemory =
  /out of (?:device )?memory|failed to allocate memory|ALLOC_FAILED|OUT_OF_DEVICE_MEMORY|bad[ _]alloc/i;

/** Matches errors of a lost device of WebGPU and TensorRT. CUDA's errors mean that too, unless they are of memory. */
const ofLoss =
  /device\]? (?:is|was) lost|DEVICE_LOST|Failed to download data from buffer|TensorRT EP execution context enqueue failed/i;

/** Shortens an error of ONNX Runtime to one line and removes the places in its source. */
export function onnxErrorLine(error: unknown): string {
  const text = textOf(error);
  const known = ofCuda.exec(text) ?? /Failed to allocate memory for requested buffer of size \d+/.exec(text);
  if (known) return known[0].trim();
  return text
    .replace(/^\S*\/onnxruntime\/core\/.* was false\. /, '')
    .replace(/^\S*\/onnxruntime\/core\/\S+ /, '');
}

/**
 * Finds out why a batch failed: too little memory (a smaller batch may fit), a lost device (nothing in this process will
 * run on it again), or something else, such as a net with a fault.
 */
export function causeOf(error: unknown): 'memory' | 'lost' | 'other' {
  const text = textOf(error);
  if (ofMemory.test(text)) return 'memory';
  return ofCuda.test(text) || ofLoss.test(text) ? 'lost' : 'other';
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').trim();
}
