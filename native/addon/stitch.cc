#include <memory>

#include "addon/addon.h"
#include "stitch/stitcher.h"

namespace hoverslide::addon {
namespace {

Lattice ReadLattice(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  const auto field = [&](const char* name) {
    const int32_t number = object.Get(name).As<Napi::Number>().Int32Value();
    if (number < 1)
      throw Napi::RangeError::New(object.Env(), std::string("lattice.") + name + " must be positive");
    return number;
  };
  const Lattice lattice{field("patch"), field("stride"), field("width"), field("height")};
  // Labels within a tile are 16 bits wide: 256 x 256 has at most 32,768 components.
  if (lattice.stride > lattice.patch || lattice.stride > 256 || (lattice.patch - lattice.stride) % 2 != 0) {
    throw Napi::RangeError::New(object.Env(), "lattice.stride must be at most 256 and leave an even margin");
  }
  return lattice;
}

std::vector<Patch> ReadPatches(const Napi::Value& value) {
  const auto pairs = value.As<Napi::Uint32Array>();
  std::vector<Patch> run(pairs.ElementLength() / 2);
  for (size_t k = 0; k < run.size(); ++k) {
    run[k] = {static_cast<int32_t>(pairs[2 * k]), static_cast<int32_t>(pairs[2 * k + 1])};
  }
  return run;
}

std::span<const uint8_t> Bytes(const Napi::Uint8Array& array) { return {array.Data(), array.ByteLength()}; }

Napi::Uint8Array CopyOut(Napi::Env env, const std::vector<uint8_t>& bytes) {
  auto array = Napi::Uint8Array::New(env, bytes.size());
  std::copy(bytes.begin(), bytes.end(), array.Data());
  return array;
}

size_t MapBytes(const Lattice& lattice) { return static_cast<size_t>(lattice.stride) * lattice.stride * 4; }
size_t PatchBytes(const Lattice& lattice) { return static_cast<size_t>(lattice.patch) * lattice.patch * 3; }

// Adds some patches of a batch off the JS thread; the arrays are kept alive until then.
class AddWorker : public Napi::AsyncWorker {
 public:
  AddWorker(Napi::Env env, std::shared_ptr<Stitcher> stitcher, std::shared_ptr<bool> busy,
            std::shared_ptr<std::vector<uint8_t>> blobs, Napi::Uint8Array patches, Napi::Uint8Array maps)
      : AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        stitcher_(std::move(stitcher)),
        busy_(std::move(busy)),
        blobs_(std::move(blobs)),
        patches_(Bytes(patches)),
        maps_(Bytes(maps)),
        keep_patches_(Napi::Persistent(patches)),
        keep_maps_(Napi::Persistent(maps)) {
    *busy_ = true;
  }
  Napi::Promise Promise() { return deferred_.Promise(); }

 protected:
  void Execute() override {
    const Lattice& lattice = stitcher_->lattice();
    const size_t count = maps_.size() / MapBytes(lattice);
    blobs_->clear();
    for (size_t k = 0; k < count; ++k) {
      stitcher_->Add(maps_.subspan(k * MapBytes(lattice), MapBytes(lattice)),
                     patches_.subspan(k * PatchBytes(lattice), PatchBytes(lattice)), *blobs_);
    }
  }
  void OnOK() override {
    *busy_ = false;
    deferred_.Resolve(CopyOut(Env(), *blobs_));
  }
  void OnError(const Napi::Error& error) override {
    *busy_ = false;
    deferred_.Reject(error.Value());
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::shared_ptr<Stitcher> stitcher_;
  std::shared_ptr<bool> busy_;
  std::shared_ptr<std::vector<uint8_t>> blobs_;
  std::span<const uint8_t> patches_, maps_;
  Napi::Reference<Napi::Uint8Array> keep_patches_, keep_maps_;
};

// Runs `work`, turning C++ exceptions into JavaScript ones.
template <typename Work>
auto Guard(const Napi::CallbackInfo& info, Work work) {
  try {
    return work();
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
}

class StitcherObject : public Napi::ObjectWrap<StitcherObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Stitcher",
        {InstanceMethod<&StitcherObject::Add>("add"), InstanceMethod<&StitcherObject::Save>("save"),
         InstanceMethod<&StitcherObject::Missing>("missing"),
         InstanceMethod<&StitcherObject::Refill>("refill"),
         InstanceAccessor<&StitcherObject::Position>("position"),
         InstanceAccessor<&StitcherObject::Held>("held"),
         InstanceAccessor<&StitcherObject::CutBlobs>("cutBlobs")});
  }

  explicit StitcherObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const Lattice lattice = ReadLattice(info[0]);
    std::vector<Patch> run = ReadPatches(info[1]);
    if (info[2].IsTypedArray()) {
      stitcher_ = Guard(info, [&] {
        return std::make_shared<Stitcher>(lattice, std::move(run), Bytes(info[2].As<Napi::Uint8Array>()));
      });
    } else {
      stitcher_ = Guard(info, [&] { return std::make_shared<Stitcher>(lattice, std::move(run)); });
    }
  }

 private:
  Stitcher& Idle(const Napi::CallbackInfo& info) {
    if (*busy_) throw Napi::Error::New(info.Env(), "the stitcher is busy: await add() first");
    return *stitcher_;
  }

  Napi::Value Add(const Napi::CallbackInfo& info) {
    const Lattice& lattice = Idle(info).lattice();
    const auto patches = info[0].As<Napi::Uint8Array>();
    const auto maps = info[1].As<Napi::Uint8Array>();
    const size_t count = maps.ByteLength() / MapBytes(lattice);
    if (maps.ByteLength() != count * MapBytes(lattice) ||
        patches.ByteLength() != count * PatchBytes(lattice)) {
      throw Napi::RangeError::New(info.Env(), "patches and maps must hold the same whole number of patches");
    }
    auto* worker = new AddWorker(info.Env(), stitcher_, busy_, blobs_, patches, maps);
    const Napi::Promise promise = worker->Promise();
    worker->Queue();
    return promise;
  }
  Napi::Value Save(const Napi::CallbackInfo& info) { return CopyOut(info.Env(), Idle(info).Save()); }
  Napi::Value Missing(const Napi::CallbackInfo& info) {
    const std::vector<uint32_t> missing = Idle(info).Missing();
    auto array = Napi::Uint32Array::New(info.Env(), missing.size());
    std::copy(missing.begin(), missing.end(), array.Data());
    return array;
  }
  Napi::Value Refill(const Napi::CallbackInfo& info) {
    const Lattice& lattice = Idle(info).lattice();
    const uint32_t index = info[0].As<Napi::Number>().Uint32Value();
    const auto patch = Bytes(info[1].As<Napi::Uint8Array>());
    const auto maps = Bytes(info[2].As<Napi::Uint8Array>());
    if (patch.size() != PatchBytes(lattice) || maps.size() != MapBytes(lattice)) {
      throw Napi::RangeError::New(info.Env(), "refill takes one patch and its maps");
    }
    Guard(info, [&] { stitcher_->Refill(index, maps, patch); });
    return info.Env().Undefined();
  }
  Napi::Value Position(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(stitcher_->position()));
  }
  Napi::Value Held(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(stitcher_->tiles_in_memory()));
  }
  Napi::Value CutBlobs(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(stitcher_->cut_blobs()));
  }

  std::shared_ptr<Stitcher> stitcher_;
  std::shared_ptr<bool> busy_ = std::make_shared<bool>(false);
  // Blobs of the last call: the next one uses their memory.
  std::shared_ptr<std::vector<uint8_t>> blobs_ = std::make_shared<std::vector<uint8_t>>();
};

}  // namespace

void RegisterStitch(Napi::Env env, Napi::Object exports) {
  exports.Set("Stitcher", StitcherObject::Define(env));
}

}  // namespace hoverslide::addon
