#include "addon/addon.h"

namespace hoverslide::addon {

void RegisterNuclei(Napi::Env, Napi::Object) {}

}  // namespace hoverslide::addon
