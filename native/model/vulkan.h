#pragma once

#include <string>
#include <vector>

namespace hoverslide {

/// Names of the devices that Vulkan (libvulkan.so.1, loaded at run time) finds here, in its order. Threads:
/// any.
/// @throws std::runtime_error with one line that says why there is no Vulkan or no driver for it
std::vector<std::string> VulkanDevices();

}  // namespace hoverslide
