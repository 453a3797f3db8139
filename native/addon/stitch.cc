#include "addon/addon.h"

namespace hoverslide::addon {

void RegisterStitch(Napi::Env, Napi::Object) {}

}  // namespace hoverslide::addon
