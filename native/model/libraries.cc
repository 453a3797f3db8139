#include "model/libraries.h"

#include <dlfcn.h>

namespace hoverslide {

std::string LoadForGood(const std::string& file) {
  if (dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE) != nullptr) return "";
  const char* reason = dlerror();
  return reason != nullptr ? reason : "unknown reason";
}

}  // namespace hoverslide
