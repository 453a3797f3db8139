#include <atomic>
#include <memory>

#include "addon/addon.h"
#include "addon/function.h"
#include "addon/promise_worker.h"
#include "addon/results.h"
#include "nuclei/gradient_range.h"
#include "nuclei/instances.h"
#include "nuclei/mask_outline.h"
#include "nuclei/reference.h"
#include "nuclei/seamless.h"

namespace hoverslide::addon {
namespace {

Napi::Object ToObject(Napi::Env env, const NucleiBlock& block) {
  return ObjectBuilder(env)
      .Set("count", block.count())
      .Set("firstPixel", block.first_pixel)
      .Set("box", block.box)
      .Set("area", block.area)
      .Set("centroid", block.centroid)
      .Set("perimeter", block.perimeter)
      .Set("majorAxis", block.major_axis)
      .Set("minorAxis", block.minor_axis)
      .Set("eccentricity", block.eccentricity)
      .Set("solidity", block.solidity)
      .Set("orientation", block.orientation)
      .Set("type", block.type)
      .Set("share", block.share)
      .Set("probability", block.probability)
      .Set("stain", block.stain)
      .Set("vertices", block.vertices)
      .Set("ringStart", block.ring_start)
      .Set("nucleusRing", block.nucleus_ring)
      .object();
}

Napi::Object ToObject(Napi::Env env, const InstanceTable& table) {
  return ObjectBuilder(env)
      .Set("count", table.id.size())
      .Set("id", table.id)
      .Set("box", table.box)
      .Set("centroid", table.centroid)
      .Set("type", table.type)
      .Set("share", table.share)
      .Set("contour", table.contour)
      .Set("contourStart", table.contour_start)
      .object();
}

// segmentBlobs(buffer: Uint8Array, hMin, hMax, vMin, vMax, sobel, marker, stain?: Float64Array) ->
// NucleiBlock, the vectors of haematoxylin and eosin behind each other. Blocks: for worker threads.
Napi::Value SegmentBlobsOf(const Arguments& arguments) {
  const std::span<const uint8_t> buffer = arguments.Array<uint8_t>(0, "buffer");
  const SeamlessConstants constants{
      .h_min = arguments.Number(1, "hMin"),
      .h_max = arguments.Number(2, "hMax"),
      .v_min = arguments.Number(3, "vMin"),
      .v_max = arguments.Number(4, "vMax"),
      .sobel = arguments.Int32(5, "sobel"),
      .marker = arguments.Number(6, "marker"),
  };
  std::optional<StainVectors> stain;
  if (arguments.Has(7)) {
    const std::span<const double> v = arguments.Array<double>(7, "stain");
    if (v.size() != 6) arguments.RefuseRange("stain", "6 numbers", std::to_string(v.size()));
    stain = {.haematoxylin = {v[0], v[1], v[2]}, .eosin = {v[3], v[4], v[5]}};
  }
  return ToObject(arguments.env(), SegmentBlobs(buffer, constants, stain));
}

// gradientRange(maps: Uint8Array, width, height, sobel) -> [hMin, hMax, vMin, vMax]
Napi::Value GradientRangeOf(const Arguments& arguments) {
  const std::array<double, 4> range =
      GradientRange(arguments.Array<uint8_t>(0, "maps"), arguments.Int32(1, "width"),
                    arguments.Int32(2, "height"), arguments.Int32(3, "sobel"));
  Napi::Array out = Napi::Array::New(arguments.env(), range.size());
  for (uint32_t k = 0; k < range.size(); ++k) out[k] = range[k];
  return out;
}

// describeInstances(labels: Int32Array, types: Uint8Array, width, height) -> InstanceTable
Napi::Value DescribeInstancesOf(const Arguments& arguments) {
  return ToObject(
      arguments.env(),
      DescribeInstances(arguments.Array<int32_t>(0, "labels"), arguments.Array<uint8_t>(1, "types"),
                        arguments.Int32(2, "width"), arguments.Int32(3, "height")));
}

// outlineMask(mask: Uint8Array, width, height) -> {vertices: Int32Array, ringStart, polygonRing: Uint32Array}
Napi::Value OutlineMaskOf(const Arguments& arguments) {
  const std::span<const uint8_t> mask = arguments.Array<uint8_t>(0, "mask");
  const int64_t width = arguments.Integer(1, "width", 0, INT32_MAX);
  const int64_t height = arguments.Integer(2, "height", 0, INT32_MAX);
  if (static_cast<uint64_t>(width) * static_cast<uint64_t>(height) != mask.size())
    arguments.RefuseRange("mask", std::to_string(width * height) + " pixels", std::to_string(mask.size()));
  const MaskOutline outline = OutlineMask(mask, static_cast<int32_t>(width), static_cast<int32_t>(height));
  return ObjectBuilder(arguments.env())
      .Set("vertices", outline.vertices)
      .Set("ringStart", outline.ring_start)
      .Set("polygonRing", outline.polygon_ring)
      .object();
}

struct ReferenceWork {
  int32_t width, height;
  PinnedArray<float> np, h, v;
  std::shared_ptr<std::atomic<bool>> cancelled;
  std::vector<int32_t> instances{};

  void Run() {
    instances = ReferenceInstances(
        {.width = width, .height = height, .np = np.data, .h = h.data, .v = v.data}, cancelled.get());
  }
  Napi::Value Result(Napi::Env env) { return ToArray(env, instances); }
};

// referenceInstances(np, h, v: Float32Array, width, height) -> {promise: Promise<Int32Array>, cancel()}. The
// maps must not change until the promise settles.
Napi::Value ReferenceInstancesOf(const Arguments& arguments) {
  const Napi::Env env = arguments.env();
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  const Napi::Promise promise =
      PromiseWorker<ReferenceWork>::Queue(env, {.width = arguments.Int32(3, "width"),
                                                .height = arguments.Int32(4, "height"),
                                                .np = arguments.Pinned<float>(0, "np"),
                                                .h = arguments.Pinned<float>(1, "h"),
                                                .v = arguments.Pinned<float>(2, "v"),
                                                .cancelled = cancelled});
  const auto cancel = [cancelled](const Napi::CallbackInfo&) { cancelled->store(true); };
  return ObjectBuilder(env).Set("promise", promise).Set("cancel", Napi::Function::New(env, cancel)).object();
}

}  // namespace

void RegisterNuclei(Napi::Object exports) {
  Export(exports, "segmentBlobs", SegmentBlobsOf);
  Export(exports, "gradientRange", GradientRangeOf);
  Export(exports, "describeInstances", DescribeInstancesOf);
  Export(exports, "outlineMask", OutlineMaskOf);
  Export(exports, "referenceInstances", ReferenceInstancesOf);
}

}  // namespace hoverslide::addon
