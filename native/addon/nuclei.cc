#include <algorithm>
#include <exception>
#include <vector>

#include "addon/addon.h"
#include "nuclei/seamless.h"

namespace hoverslide::addon {
namespace {

template <typename Array, typename T>
Array ToArray(Napi::Env env, const std::vector<T>& values) {
  Array array = Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Object ToObject(Napi::Env env, const NucleiBlock& block) {
  Napi::Object object = Napi::Object::New(env);
  const auto ints = [&](const char* name, const std::vector<int32_t>& values) {
    object.Set(name, ToArray<Napi::Int32Array>(env, values));
  };
  const auto unsigneds = [&](const char* name, const std::vector<uint32_t>& values) {
    object.Set(name, ToArray<Napi::Uint32Array>(env, values));
  };
  const auto doubles = [&](const char* name, const std::vector<double>& values) {
    object.Set(name, ToArray<Napi::Float64Array>(env, values));
  };
  object.Set("count", Napi::Number::New(env, static_cast<double>(block.count())));
  ints("firstPixel", block.first_pixel);
  ints("box", block.box);
  ints("area", block.area);
  doubles("centroid", block.centroid);
  doubles("perimeter", block.perimeter);
  doubles("majorAxis", block.major_axis);
  doubles("minorAxis", block.minor_axis);
  doubles("eccentricity", block.eccentricity);
  doubles("solidity", block.solidity);
  doubles("orientation", block.orientation);
  object.Set("type", ToArray<Napi::Uint8Array>(env, block.type));
  doubles("share", block.share);
  doubles("probability", block.probability);
  doubles("stain", block.stain);
  ints("vertices", block.vertices);
  unsigneds("ringStart", block.ring_start);
  unsigneds("nucleusRing", block.nucleus_ring);
  return object;
}

// segmentBlobs(buffer: Uint8Array, hMin, hMax, vMin, vMax): NucleiBlock. Synchronous: called in worker
// threads.
Napi::Value SegmentBlobsCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  bool valid = info.Length() == 5 && info[0].IsTypedArray() &&
               info[0].As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
  for (size_t k = 1; valid && k < 5; ++k) valid = info[k].IsNumber();
  if (!valid) throw Napi::TypeError::New(env, "segmentBlobs: expected a Uint8Array and four numbers");
  const auto buffer = info[0].As<Napi::Uint8Array>();
  const auto number = [&](size_t k) { return info[k].As<Napi::Number>().DoubleValue(); };
  try {
    return ToObject(
        env, SegmentBlobs({buffer.Data(), buffer.ByteLength()},
                          {.h_min = number(1), .h_max = number(2), .v_min = number(3), .v_max = number(4)}));
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, error.what());
  }
}

}  // namespace

void RegisterNuclei(Napi::Env env, Napi::Object exports) {
  exports.Set("segmentBlobs", Napi::Function::New(env, SegmentBlobsCall, "segmentBlobs"));
}

}  // namespace hoverslide::addon
