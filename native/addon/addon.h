// The N-API layer: each file here exposes the functions of one kernel folder, converts and checks arguments,
// and turns C++ exceptions into JavaScript ones. No arithmetic lives here.
#pragma once

#include <napi.h>

namespace hoverslide::addon {

void RegisterMemory(Napi::Env env, Napi::Object exports);
void RegisterSlide(Napi::Env env, Napi::Object exports);
void RegisterModel(Napi::Env env, Napi::Object exports);
void RegisterNuclei(Napi::Env env, Napi::Object exports);
void RegisterStitch(Napi::Env env, Napi::Object exports);
void RegisterEvaluation(Napi::Env env, Napi::Object exports);

}  // namespace hoverslide::addon
