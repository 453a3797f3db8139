#include "addon/addon.h"
#include "addon/function.h"
#include "addon/results.h"
#include "model/cuda_driver.h"
#include "model/libraries.h"
#include "model/vulkan.h"

namespace hoverslide::addon {
namespace {

// loadLibraryForGood(file) -> reason why it cannot be loaded, empty where it is
Napi::Value LoadLibraryForGood(const Arguments& arguments) {
  return Napi::String::New(arguments.env(), LoadForGood(arguments.Text(0, "file")));
}

// queryCudaDriver() -> {version, devices: [{name, memoryBytes, major, minor}]}
Napi::Value QueryDriver(const Arguments& arguments) {
  const Napi::Env env = arguments.env();
  const CudaDriver driver = QueryCudaDriver();
  const Napi::Array devices = ToList(env, driver.devices, [&](const CudaDevice& device) {
    return ObjectBuilder(env)
        .Set("name", device.name)
        .Set("memoryBytes", device.memory_bytes)
        .Set("major", device.major)
        .Set("minor", device.minor)
        .object();
  });
  return ObjectBuilder(env).Set("version", driver.version).Set("devices", devices).object();
}

// queryVulkanDevices() -> [name]
Napi::Value QueryVulkan(const Arguments& arguments) {
  const Napi::Env env = arguments.env();
  return ToList(env, VulkanDevices(), [&](const std::string& name) { return Napi::String::New(env, name); });
}

}  // namespace

void RegisterModel(Napi::Object exports) {
  Export(exports, "loadLibraryForGood", LoadLibraryForGood);
  Export(exports, "queryVulkanDevices", QueryVulkan);
  Export(exports, "queryCudaDriver", QueryDriver);
}

}  // namespace hoverslide::addon
