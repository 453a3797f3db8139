#include "addon/addon.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace hoverslide::addon {
namespace {

// Makes glibc return large freed blocks to the system at once. Regions, batches and blob buffers are
// megabytes each, decoded tiles of a slide a quarter of one; one thread allocates them and another frees
// them. By default glibc soon keeps such blocks, in a heap for each thread, for later use: memory grows by a
// third.
void ReturnLargeBlocks() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

Napi::Object Init(Napi::Env, Napi::Object exports) {
  ReturnLargeBlocks();
  RegisterMemory(exports);
  RegisterSlide(exports);
  RegisterModel(exports);
  RegisterNuclei(exports);
  RegisterStitch(exports);
  RegisterContext(exports);
  RegisterEvaluation(exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(hoverslide, Init)

}  // namespace hoverslide::addon
