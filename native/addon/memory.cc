#include "addon/addon.h"

namespace hoverslide::addon {
namespace {

// (typed array): detaches its buffer, whose memory goes back at once.
void Release(const Napi::CallbackInfo& info) {
  if (!info[0].IsTypedArray()) throw Napi::TypeError::New(info.Env(), "expected a typed array");
  Napi::ArrayBuffer buffer = info[0].As<Napi::TypedArray>().ArrayBuffer();
  if (!buffer.IsDetached()) buffer.Detach();
}

}  // namespace

void RegisterMemory(Napi::Env env, Napi::Object exports) {
  exports["release"] = Napi::Function::New(env, Release);
}

}  // namespace hoverslide::addon
