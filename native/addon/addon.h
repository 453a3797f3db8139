// The N-API layer. Each file here exports the functions of one kernel folder: it checks and converts their
// arguments and results (arguments.h, results.h), converts C++ exceptions (exceptions.h) and runs long calls
// in other threads (promise_worker.h). No arithmetic lives here. src/addon.ts declares all that is exported.
#pragma once

#include <napi.h>

namespace hoverslide::addon {

void RegisterMemory(Napi::Object exports);
void RegisterSlide(Napi::Object exports);
void RegisterModel(Napi::Object exports);
void RegisterNuclei(Napi::Object exports);
void RegisterStitch(Napi::Object exports);
void RegisterContext(Napi::Object exports);
void RegisterEvaluation(Napi::Object exports);

}  // namespace hoverslide::addon
