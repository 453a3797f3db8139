#include <stdexcept>

#include "addon/addon.h"
#include "model/cuda_driver.h"
#include "model/libraries.h"
#include "model/vulkan.h"

namespace hoverslide::addon {
namespace {

// (file) -> reason, empty where the library is loaded
Napi::Value LoadLibraryForGood(const Napi::CallbackInfo& info) {
  if (!info[0].IsString()) throw Napi::TypeError::New(info.Env(), "expected the name of a library");
  return Napi::String::New(info.Env(), LoadForGood(info[0].As<Napi::String>().Utf8Value()));
}

// () -> {version, devices: [{name, memoryBytes, major, minor}]}
Napi::Value QueryDriver(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  try {
    const CudaDriver driver = QueryCudaDriver();
    auto devices = Napi::Array::New(env, driver.devices.size());
    for (uint32_t k = 0; k < driver.devices.size(); ++k) {
      const CudaDevice& found = driver.devices[k];
      auto device = Napi::Object::New(env);
      device["name"] = Napi::String::New(env, found.name);
      device["memoryBytes"] = Napi::Number::New(env, static_cast<double>(found.memory_bytes));
      device["major"] = Napi::Number::New(env, found.major);
      device["minor"] = Napi::Number::New(env, found.minor);
      devices[k] = device;
    }
    auto result = Napi::Object::New(env);
    result["version"] = Napi::Number::New(env, driver.version);
    result["devices"] = devices;
    return result;
  } catch (const std::runtime_error& error) {
    throw Napi::Error::New(env, error.what());
  }
}

// () -> [name]
Napi::Value QueryVulkan(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  try {
    const std::vector<std::string> names = VulkanDevices();
    auto result = Napi::Array::New(env, names.size());
    for (uint32_t k = 0; k < names.size(); ++k) result[k] = Napi::String::New(env, names[k]);
    return result;
  } catch (const std::runtime_error& error) {
    throw Napi::Error::New(env, error.what());
  }
}

}  // namespace

void RegisterModel(Napi::Env env, Napi::Object exports) {
  exports["loadLibraryForGood"] = Napi::Function::New<LoadLibraryForGood>(env, "loadLibraryForGood");
  exports["queryVulkanDevices"] = Napi::Function::New<QueryVulkan>(env, "queryVulkanDevices");
  exports["queryCudaDriver"] = Napi::Function::New<QueryDriver>(env, "queryCudaDriver");
}

}  // namespace hoverslide::addon
