#include "addon/addon.h"

namespace hoverslide::addon {
namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  RegisterSlide(env, exports);
  RegisterModel(env, exports);
  RegisterNuclei(env, exports);
  RegisterStitch(env, exports);
  RegisterEvaluation(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(hoverslide, Init)

}  // namespace hoverslide::addon
