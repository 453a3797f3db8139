#include "addon/addon.h"

namespace hoverslide::addon {

void RegisterEvaluation(Napi::Env, Napi::Object) {}

}  // namespace hoverslide::addon
