#include "addon/addon.h"

namespace hoverslide::addon {

void RegisterSlide(Napi::Env, Napi::Object) {}

}  // namespace hoverslide::addon
