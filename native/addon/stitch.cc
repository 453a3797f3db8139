#include <memory>

#include "addon/addon.h"
#include "addon/function.h"
#include "addon/promise_worker.h"
#include "addon/results.h"
#include "stitch/stitcher.h"

namespace hoverslide::addon {
namespace {

Lattice LatticeFrom(const Arguments& arguments, size_t place) {
  const auto property = [&](const char* name, int32_t min, int32_t max) {
    return static_cast<int32_t>(arguments.IntegerOf(place, "lattice", name, min, max));
  };
  const int32_t stride = property("stride", 1, kLargestStride);
  const int32_t patch = property("patch", stride, INT32_MAX);
  if ((patch - stride) % 2 != 0) {
    arguments.RefuseRange("lattice.patch", "an even margin around the stride", std::to_string(patch));
  }
  return {patch, stride, property("width", 1, INT32_MAX), property("height", 1, INT32_MAX)};
}

std::vector<Patch> PatchesFrom(const Arguments& arguments, size_t place) {
  const std::span<const uint32_t> pairs = arguments.Array<uint32_t>(place, "patches");
  if (pairs.size() % 2 != 0) {
    arguments.RefuseRange("patches", "two numbers for each patch", std::to_string(pairs.size()) + " numbers");
  }
  std::vector<Patch> patches(pairs.size() / 2);
  for (size_t k = 0; k < patches.size(); ++k) {
    patches[k] = {static_cast<int32_t>(pairs[2 * k]), static_cast<int32_t>(pairs[2 * k + 1])};
  }
  return patches;
}

size_t MapBytes(const Lattice& lattice) { return static_cast<size_t>(lattice.stride) * lattice.stride * 4; }
size_t PatchBytes(const Lattice& lattice) { return static_cast<size_t>(lattice.patch) * lattice.patch * 3; }

// Requires that two arrays hold `count` patches and the maps of as many.
void RequirePatches(const Arguments& arguments, const Lattice& lattice, size_t count,
                    std::span<const uint8_t> patches, std::span<const uint8_t> maps) {
  const auto require = [&](const char* name, size_t expected, size_t found) {
    if (found == expected) return;
    arguments.RefuseRange(name, std::to_string(expected) + " bytes", std::to_string(found));
  };
  require("maps", count * MapBytes(lattice), maps.size());
  require("patches", count * PatchBytes(lattice), patches.size());
}

struct State {
  Stitcher stitcher;
  std::vector<uint8_t> blobs{};  // of the latest call: the next one uses their memory
  bool busy = false;             // work in another thread uses the stitcher
};

// Keeps a state alive, and busy, for as long as it exists. JS thread only.
class Claim {
 public:
  explicit Claim(std::shared_ptr<State> state) : state_(std::move(state)) { state_->busy = true; }
  Claim(Claim&&) = default;
  Claim& operator=(Claim&&) = delete;
  ~Claim() {
    if (state_) state_->busy = false;
  }
  State* operator->() const { return state_.get(); }

 private:
  std::shared_ptr<State> state_;
};

struct AddWork {
  Claim state;
  PinnedArray<uint8_t> patches, maps;

  void Run() {
    const size_t map_bytes = MapBytes(state->stitcher.lattice());
    const size_t patch_bytes = PatchBytes(state->stitcher.lattice());
    state->blobs.clear();
    for (size_t k = 0; k < maps.data.size() / map_bytes; ++k) {
      state->stitcher.Add(maps.data.subspan(k * map_bytes, map_bytes),
                          patches.data.subspan(k * patch_bytes, patch_bytes), state->blobs);
    }
  }
  Napi::Value Result(Napi::Env env) { return ToArray(env, state->blobs); }
};

class StitcherClass : public ExportedClass<StitcherClass> {
 public:
  static void Register(Napi::Object exports) {
    exports["Stitcher"] = DefineClass(exports.Env(), "Stitcher",
                                      {Method<&StitcherClass::Add>("add", "Stitcher.add"),
                                       Method<&StitcherClass::Save>("save", "Stitcher.save"),
                                       Method<&StitcherClass::Missing>("missing", "Stitcher.missing"),
                                       Method<&StitcherClass::Refill>("refill", "Stitcher.refill"),
                                       Accessor<&StitcherClass::Position>("position", "Stitcher.position"),
                                       Accessor<&StitcherClass::CutBlobs>("cutBlobs", "Stitcher.cutBlobs")});
  }

  // new Stitcher(lattice: {patch, stride, width, height}, patches: Uint32Array [n, 2], saved?: Uint8Array)
  explicit StitcherClass(const Napi::CallbackInfo& info) : ExportedClass(info) {
    state_ = CallChecked(info, "Stitcher", [](const Arguments& arguments) {
      const Lattice lattice = LatticeFrom(arguments, 0);
      std::vector<Patch> patches = PatchesFrom(arguments, 1);
      if (!arguments.Has(2)) return std::shared_ptr<State>(new State{Stitcher(lattice, std::move(patches))});
      const std::span<const uint8_t> saved = arguments.Array<uint8_t>(2, "saved");
      return std::shared_ptr<State>(new State{Stitcher(lattice, std::move(patches), saved)});
    });
  }

 private:
  Stitcher& Idle() {
    if (state_->busy) throw std::logic_error("the stitcher is busy: await add() first");
    return state_->stitcher;
  }

  // add(patches: Uint8Array [n, patch, patch, 3], maps: Uint8Array [n, stride, stride, 4]) ->
  // Promise<Uint8Array>
  Napi::Value Add(const Arguments& arguments) {
    const Lattice& lattice = Idle().lattice();
    PinnedArray<uint8_t> patches = arguments.Pinned<uint8_t>(0, "patches");
    PinnedArray<uint8_t> maps = arguments.Pinned<uint8_t>(1, "maps");
    RequirePatches(arguments, lattice, maps.data.size() / MapBytes(lattice), patches.data, maps.data);
    return PromiseWorker<AddWork>::Queue(arguments.env(),
                                         {Claim(state_), std::move(patches), std::move(maps)});
  }
  // save() -> Uint8Array
  Napi::Value Save(const Arguments& arguments) { return ToArray(arguments.env(), Idle().Save()); }
  // missing() -> Uint32Array
  Napi::Value Missing(const Arguments& arguments) { return ToArray(arguments.env(), Idle().Missing()); }
  // refill(place, patch: Uint8Array, maps: Uint8Array)
  Napi::Value Refill(const Arguments& arguments) {
    const auto place = static_cast<uint32_t>(arguments.Integer(0, "place", 0, UINT32_MAX));
    const std::span<const uint8_t> patch = arguments.Array<uint8_t>(1, "patch");
    const std::span<const uint8_t> maps = arguments.Array<uint8_t>(2, "maps");
    RequirePatches(arguments, Idle().lattice(), 1, patch, maps);
    Idle().Refill(place, maps, patch);
    return arguments.env().Undefined();
  }
  Napi::Value Position(const Arguments& arguments) { return ToNumber(arguments.env(), Idle().position()); }
  Napi::Value CutBlobs(const Arguments& arguments) { return ToNumber(arguments.env(), Idle().cut_blobs()); }

  std::shared_ptr<State> state_;
};

}  // namespace

void RegisterStitch(Napi::Object exports) { StitcherClass::Register(exports); }

}  // namespace hoverslide::addon
