#include "model/vulkan.h"

#include <dlfcn.h>

#include <array>
#include <cstdint>
#include <stdexcept>

#include "model/libraries.h"

// The few functions and structures of Vulkan 1.0 (registry.khronos.org/vulkan) that are used, so that no
// header of it is needed to build.
namespace hoverslide {
namespace {

using Result = int;
constexpr Result kSuccess = 0;
constexpr Result kIncompatibleDriver = -9;
constexpr int kStructureTypeInstanceCreateInfo = 1;

struct InstanceCreateInfo {
  int type = kStructureTypeInstanceCreateInfo;
  const void* next = nullptr;
  std::uint32_t flags = 0;
  const void* application = nullptr;
  std::uint32_t layer_count = 0;
  const char* const* layers = nullptr;
  std::uint32_t extension_count = 0;
  const char* const* extensions = nullptr;
};

/// VkPhysicalDeviceProperties: five words, the name, and limits of no interest, for which there is more than
/// room.
struct DeviceProperties {
  std::array<std::uint32_t, 5> words;
  std::array<char, 256> name;
  alignas(8) std::array<char, 1024> rest;
};

constexpr char kLibrary[] = "libvulkan.so.1";

}  // namespace

std::vector<std::string> VulkanDevices() {
  void* library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_NODELETE);
  if (library == nullptr) {
    throw std::runtime_error(
        std::string("no Vulkan loader (on Debian or Ubuntu: apt-get install libvulkan1): ") + dlerror());
  }
  auto* create =
      Symbol<Result(const InstanceCreateInfo*, const void*, void**)>(library, kLibrary, "vkCreateInstance");
  auto* destroy = Symbol<void(void*, const void*)>(library, kLibrary, "vkDestroyInstance");
  auto* enumerate =
      Symbol<Result(void*, std::uint32_t*, void**)>(library, kLibrary, "vkEnumeratePhysicalDevices");
  auto* properties =
      Symbol<void(void*, DeviceProperties*)>(library, kLibrary, "vkGetPhysicalDeviceProperties");

  void* instance = nullptr;
  const InstanceCreateInfo info;
  const Result created = create(&info, nullptr, &instance);
  if (created == kIncompatibleDriver) throw std::runtime_error("Vulkan finds no driver of a device");
  if (created != kSuccess)
    throw std::runtime_error("Vulkan: vkCreateInstance: error " + std::to_string(created));
  std::array<void*, 64> devices{};
  auto count = static_cast<std::uint32_t>(devices.size());
  const Result enumerated = enumerate(instance, &count, devices.data());
  std::vector<std::string> names;
  for (std::uint32_t k = 0; enumerated >= kSuccess && k < count; ++k) {
    DeviceProperties found{};
    properties(devices[k], &found);
    names.emplace_back(found.name.data());
  }
  destroy(instance, nullptr);
  if (names.empty()) throw std::runtime_error("Vulkan finds no device");
  return names;
}

}  // namespace hoverslide
