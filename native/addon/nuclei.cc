#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "addon/addon.h"
#include "nuclei/instances.h"
#include "nuclei/reference.h"
#include "nuclei/seamless.h"

namespace hoverslide::addon {
namespace {

template <typename Array, typename T>
Array ToArray(Napi::Env env, const std::vector<T>& values) {
  Array array = Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

// Sets one property per column.
class Columns {
 public:
  explicit Columns(Napi::Env env) : env_(env), object_(Napi::Object::New(env)) {}

  void Set(const char* name, const std::vector<int32_t>& values) {
    object_.Set(name, ToArray<Napi::Int32Array>(env_, values));
  }
  void Set(const char* name, const std::vector<uint32_t>& values) {
    object_.Set(name, ToArray<Napi::Uint32Array>(env_, values));
  }
  void Set(const char* name, const std::vector<uint8_t>& values) {
    object_.Set(name, ToArray<Napi::Uint8Array>(env_, values));
  }
  void Set(const char* name, const std::vector<double>& values) {
    object_.Set(name, ToArray<Napi::Float64Array>(env_, values));
  }
  void Set(const char* name, size_t value) { object_.Set(name, static_cast<double>(value)); }
  Napi::Object object() const { return object_; }

 private:
  Napi::Env env_;
  Napi::Object object_;
};

Napi::Object ToObject(Napi::Env env, const NucleiBlock& block) {
  Columns columns(env);
  columns.Set("count", block.count());
  columns.Set("firstPixel", block.first_pixel);
  columns.Set("box", block.box);
  columns.Set("area", block.area);
  columns.Set("centroid", block.centroid);
  columns.Set("perimeter", block.perimeter);
  columns.Set("majorAxis", block.major_axis);
  columns.Set("minorAxis", block.minor_axis);
  columns.Set("eccentricity", block.eccentricity);
  columns.Set("solidity", block.solidity);
  columns.Set("orientation", block.orientation);
  columns.Set("type", block.type);
  columns.Set("share", block.share);
  columns.Set("probability", block.probability);
  columns.Set("stain", block.stain);
  columns.Set("vertices", block.vertices);
  columns.Set("ringStart", block.ring_start);
  columns.Set("nucleusRing", block.nucleus_ring);
  return columns.object();
}

Napi::Object ToObject(Napi::Env env, const InstanceTable& table) {
  Columns columns(env);
  columns.Set("count", table.id.size());
  columns.Set("id", table.id);
  columns.Set("box", table.box);
  columns.Set("centroid", table.centroid);
  columns.Set("type", table.type);
  columns.Set("share", table.share);
  columns.Set("contour", table.contour);
  columns.Set("contourStart", table.contour_start);
  return columns.object();
}

// Arguments of one call, by position; throws a TypeError that names the function and the argument.
class Arguments {
 public:
  Arguments(const Napi::CallbackInfo& info, const char* function) : info_(info), function_(function) {}

  double Number(size_t k) const {
    if (!info_[k].IsNumber()) Refuse(k, "a number");
    return info_[k].As<Napi::Number>().DoubleValue();
  }
  int32_t Int(size_t k) const {
    const double value = Number(k);
    if (!(value >= INT32_MIN && value <= INT32_MAX)) Refuse(k, "a 32-bit integer");
    return static_cast<int32_t>(value);
  }
  template <typename T>
  std::span<const T> Array(size_t k, napi_typedarray_type type, const char* expected) const {
    if (!info_[k].IsTypedArray() || info_[k].As<Napi::TypedArray>().TypedArrayType() != type)
      Refuse(k, expected);
    const auto array = info_[k].As<Napi::TypedArrayOf<T>>();
    return {array.Data(), array.ElementLength()};
  }
  std::span<const uint8_t> Bytes(size_t k) const {
    return Array<uint8_t>(k, napi_uint8_array, "a Uint8Array");
  }
  std::span<const int32_t> Ints(size_t k) const {
    return Array<int32_t>(k, napi_int32_array, "an Int32Array");
  }
  std::span<const float> Floats(size_t k) const {
    return Array<float>(k, napi_float32_array, "a Float32Array");
  }

 private:
  [[noreturn]] void Refuse(size_t k, const char* expected) const {
    throw Napi::TypeError::New(
        info_.Env(), std::string(function_) + ": argument " + std::to_string(k + 1) + " must be " + expected);
  }

  const Napi::CallbackInfo& info_;
  const char* function_;
};

// Gives what `work` returns as a JavaScript object; its exceptions become JavaScript ones.
template <typename Work>
Napi::Value Converted(Napi::Env env, Work work) {
  try {
    return ToObject(env, work());
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, error.what());
  }
}

// segmentBlobs(buffer: Uint8Array, hMin, hMax, vMin, vMax): NucleiBlock. Synchronous: for worker threads.
Napi::Value SegmentBlobsCall(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "segmentBlobs");
  const std::span<const uint8_t> buffer = arguments.Bytes(0);
  const SeamlessConstants constants{
      .h_min = arguments.Number(1),
      .h_max = arguments.Number(2),
      .v_min = arguments.Number(3),
      .v_max = arguments.Number(4),
  };
  return Converted(info.Env(), [&] { return SegmentBlobs(buffer, constants); });
}

// describeInstances(labels: Int32Array, types: Uint8Array, width, height): InstanceTable.
Napi::Value DescribeInstancesCall(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "describeInstances");
  const std::span<const int32_t> labels = arguments.Ints(0);
  const std::span<const uint8_t> types = arguments.Bytes(1);
  const int32_t width = arguments.Int(2);
  const int32_t height = arguments.Int(3);
  return Converted(info.Env(), [&] { return DescribeInstances(labels, types, width, height); });
}

// Runs ReferenceInstances off the JavaScript thread; keeps the maps alive meanwhile.
class ReferenceWorker : public Napi::AsyncWorker {
 public:
  ReferenceWorker(Napi::Env env, const FloatMaps& maps, std::shared_ptr<std::atomic<bool>> cancelled)
      : AsyncWorker(env, "hoverslide:reference"),
        maps_(maps),
        cancelled_(std::move(cancelled)),
        deferred_(Napi::Promise::Deferred::New(env)) {}

  void Keep(const Napi::Value& value) { kept_.push_back(Napi::Persistent(value.As<Napi::Object>())); }
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { instances_ = ReferenceInstances(maps_, cancelled_.get()); }
  void OnOK() override { deferred_.Resolve(ToArray<Napi::Int32Array>(Env(), instances_)); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  FloatMaps maps_;
  std::shared_ptr<std::atomic<bool>> cancelled_;
  Napi::Promise::Deferred deferred_;
  std::vector<Napi::ObjectReference> kept_;
  std::vector<int32_t> instances_;
};

// referenceInstances(np, h, v: Float32Array, width, height): { promise: Promise<Int32Array>, cancel(): void
// }. The maps must not be changed until the promise is settled.
Napi::Value ReferenceInstancesCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments arguments(info, "referenceInstances");
  const FloatMaps maps{
      .width = arguments.Int(3),
      .height = arguments.Int(4),
      .np = arguments.Floats(0),
      .h = arguments.Floats(1),
      .v = arguments.Floats(2),
  };
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  auto* worker = new ReferenceWorker(env, maps, cancelled);  // deletes itself when it is done
  for (size_t k = 0; k < 3; ++k) worker->Keep(info[k]);
  Napi::Object task = Napi::Object::New(env);
  task.Set("promise", worker->promise());
  task.Set("cancel",
           Napi::Function::New(env, [cancelled](const Napi::CallbackInfo&) { cancelled->store(true); }));
  worker->Queue();
  return task;
}

}  // namespace

void RegisterNuclei(Napi::Env env, Napi::Object exports) {
  exports.Set("segmentBlobs", Napi::Function::New(env, SegmentBlobsCall, "segmentBlobs"));
  exports.Set("describeInstances", Napi::Function::New(env, DescribeInstancesCall, "describeInstances"));
  exports.Set("referenceInstances", Napi::Function::New(env, ReferenceInstancesCall, "referenceInstances"));
}

}  // namespace hoverslide::addon
