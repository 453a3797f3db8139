/** A wheel on PyPI with libraries that ONNX Runtime needs. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** Size in bytes of the wheel, and of the libraries taken out of it. */
  readonly download: number;
  readonly installed: number;
  /** Libraries to take out of the wheel. */
  readonly libraries: readonly string[];
  /**
   * Libraries to load before ONNX Runtime asks for them, in this order. If the system has all, the wheel is not needed.
   */
  readonly preload: readonly string[];
}

/**
 * The wheels that the CUDA provider needs, pinned together, in loading order. ONNX Runtime 1.30.0 is built with CUDA
 * 13.0, and libraries of exactly that release run on every driver of the 580 series and later. The TensorRT provider is
 * included. TensorRT itself is not on PyPI and must be installed on the system. cuFFT is left out: no net here needs
 * it.
 */
export const cudaWheels: readonly Wheel[] = [
  {
    name: 'onnxruntime-gpu',
    version: '1.30.0',
    sha256: '6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1',
    download: 246685715,
    installed: 273055192,
    libraries: [
      'libonnxruntime_providers_shared.so',
      'libonnxruntime_providers_cuda.so',
      'libonnxruntime_providers_tensorrt.so',
    ],
    preload: [],
  },
  {
    name: 'nvidia-cuda-runtime',
    version: '13.0.96',
    sha256: '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
    download: 2243632,
    installed: 704288,
    libraries: ['libcudart.so.13'],
    preload: ['libcudart.so.13'],
  },
  {
    name: 'nvidia-cublas',
    version: '13.1.0.3',
    sha256: 'ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171',
    download: 423133236,
    installed: 595773576,
    libraries: ['libcublasLt.so.13', 'libcublas.so.13'],
    preload: ['libcublasLt.so.13', 'libcublas.so.13'],
  },
  {
    name: 'nvidia-curand',
    version: '10.4.0.35',
    sha256: '1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc',
    download: 59544258,
    installed: 132698328,
    libraries: ['libcurand.so.10'],
    preload: ['libcurand.so.10'],
  },
  {
    name: 'nvidia-cuda-nvrtc',
    version: '13.0.88',
    sha256: 'ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575',
    download: 90215200,
    installed: 113718680,
    libraries: ['libnvrtc-builtins.so.13.0', 'libnvrtc.so.13'],
    preload: ['libnvrtc-builtins.so.13.0', 'libnvrtc.so.13'],
  },
  {
    name: 'nvidia-cudnn-cu13',
    version: '9.15.1.9',
    sha256: 'ebc9a647918df0d7298d67cfaf41579fd4c78ead9aba246f5ad9414d61b9ec4c',
    download: 351298418,
    installed: 472445472,
    libraries: [
      'libcudnn_graph.so.9',
      'libcudnn_ops.so.9',
      'libcudnn_engines_precompiled.so.9',
      'libcudnn_engines_runtime_compiled.so.9',
      'libcudnn_heuristic.so.9',
      'libcudnn_cnn.so.9',
      'libcudnn_adv.so.9',
      'libcudnn.so.9',
    ],
    preload: ['libcudnn.so.9'], // it finds the other libraries in its own folder
  },
];

/** Libraries that the TensorRT provider loads from the system, in this order. */
export const tensorrtLibraries = ['libnvinfer.so.10', 'libnvonnxparser.so.10'];

/**
 * The oldest CUDA version that a driver must support, in the driver's own notation, and the oldest devices that CUDA 13
 * supports.
 */
export const oldestDriver = 13000;
export const oldestCapability = { major: 7, minor: 5 };
