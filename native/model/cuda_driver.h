#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hoverslide {

/// A device as CUDA counts them: after CUDA_VISIBLE_DEVICES, a MIG slice being a device of its own.
struct CudaDevice {
  std::string name;
  std::uint64_t memory_bytes;
  int major;  ///< Compute capability.
  int minor;
};

struct CudaDriver {
  int version;  ///< Newest CUDA that the driver runs, 1000 * major + 10 * minor.
  std::vector<CudaDevice> devices;
};

/// Asks NVIDIA's driver (libcuda.so.1, loaded at run time) what there is. Makes no context, so it takes no
/// device memory. Threads: any.
/// @throws std::runtime_error with one line that says why there is no driver or it does not answer
CudaDriver QueryCudaDriver();

}  // namespace hoverslide
