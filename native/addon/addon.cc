#include "addon/addon.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace hoverslide::addon {
namespace {

// Regions, batches and blob buffers are megabytes each, decoded tiles of a slide a quarter of one; they are
// made in one thread and let go in another. By itself glibc soon keeps such blocks for the next, in a heap
// per thread, where they lie scattered: memory grows by a third.
void GiveLargeBlocksBack() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  GiveLargeBlocksBack();
  RegisterMemory(env, exports);
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
