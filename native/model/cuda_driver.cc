#include "model/cuda_driver.h"

#include <dlfcn.h>

#include <array>
#include <stdexcept>

#include "model/libraries.h"

// The few functions of the driver API (docs.nvidia.com/cuda/cuda-driver-api) that are used, so that no header
// of NVIDIA's is needed to build.
namespace hoverslide {
namespace {

using Result = int;
constexpr Result kSuccess = 0;
constexpr Result kNoDevice = 100;
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

constexpr char kLibrary[] = "NVIDIA's libcuda.so.1";

}  // namespace

CudaDriver QueryCudaDriver() {
  // Never unloaded: the driver keeps threads of its own.
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NODELETE);
  if (library == nullptr) throw std::runtime_error(std::string("no NVIDIA driver: ") + dlerror());

  auto* init = Symbol<Result(unsigned)>(library, kLibrary, "cuInit");
  auto* error_string = Symbol<Result(Result, const char**)>(library, kLibrary, "cuGetErrorString");
  auto* driver_version = Symbol<Result(int*)>(library, kLibrary, "cuDriverGetVersion");
  auto* device_count = Symbol<Result(int*)>(library, kLibrary, "cuDeviceGetCount");
  auto* device_get = Symbol<Result(int*, int)>(library, kLibrary, "cuDeviceGet");
  auto* device_name = Symbol<Result(char*, int, int)>(library, kLibrary, "cuDeviceGetName");
  auto* device_memory = Symbol<Result(std::size_t*, int)>(library, kLibrary, "cuDeviceTotalMem_v2");
  auto* device_attribute = Symbol<Result(int*, int, int)>(library, kLibrary, "cuDeviceGetAttribute");

  const auto check = [&](const char* call, Result result) {
    if (result == kSuccess) return;
    const char* reason = nullptr;
    error_string(result, &reason);
    throw std::runtime_error("NVIDIA's driver: " + std::string(call) + ": " +
                             (reason != nullptr ? reason : "error") + " (" + std::to_string(result) + ")");
  };

  CudaDriver driver{};
  check("cuDriverGetVersion", driver_version(&driver.version));
  const Result started = init(0);
  if (started == kNoDevice) return driver;
  check("cuInit", started);
  int count = 0;
  check("cuDeviceGetCount", device_count(&count));
  for (int index = 0; index < count; ++index) {
    int device = 0;
    std::size_t memory = 0;
    std::array<char, 256> name{};
    CudaDevice found{};
    check("cuDeviceGet", device_get(&device, index));
    check("cuDeviceGetName", device_name(name.data(), static_cast<int>(name.size()) - 1, device));
    check("cuDeviceTotalMem", device_memory(&memory, device));
    check("cuDeviceGetAttribute", device_attribute(&found.major, kComputeCapabilityMajor, device));
    check("cuDeviceGetAttribute", device_attribute(&found.minor, kComputeCapabilityMinor, device));
    found.name = name.data();
    found.memory_bytes = memory;
    driver.devices.push_back(found);
  }
  return driver;
}

}  // namespace hoverslide
