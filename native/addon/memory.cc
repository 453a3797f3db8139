#include "addon/addon.h"
#include "addon/function.h"

namespace hoverslide::addon {
namespace {

// release(array): detaches the array's buffer, so that its memory is free at once.
Napi::Value Release(const Arguments& arguments) {
  Napi::ArrayBuffer buffer = arguments.AnyArray(0, "array").ArrayBuffer();
  if (!buffer.IsDetached()) buffer.Detach();
  return arguments.env().Undefined();
}

}  // namespace

void RegisterMemory(Napi::Object exports) { Export(exports, "release", Release); }

}  // namespace hoverslide::addon
