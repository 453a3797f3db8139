#include <stdexcept>

#include "addon/addon.h"
#include "evaluation/assignment.h"
#include "evaluation/overlap.h"

namespace hoverslide::addon {
namespace {

template <typename Array>
Array Typed(const Napi::CallbackInfo& info, size_t index, napi_typedarray_type type, const char* expected) {
  if (!info[index].IsTypedArray() || info[index].As<Napi::TypedArray>().TypedArrayType() != type)
    throw Napi::TypeError::New(info.Env(), expected);
  return info[index].As<Array>();
}

std::span<const int32_t> Labels(const Napi::CallbackInfo& info, size_t index) {
  const auto array = Typed<Napi::Int32Array>(info, index, napi_int32_array, "expected labels, an Int32Array");
  return {array.Data(), array.ElementLength()};
}

std::span<const float> Points(const Napi::CallbackInfo& info, size_t index) {
  const auto array =
      Typed<Napi::Float32Array>(info, index, napi_float32_array, "expected points, a Float32Array");
  if (array.ElementLength() % 2 != 0)
    throw Napi::TypeError::New(info.Env(), "expected an x and a y per point");
  return {array.Data(), array.ElementLength()};
}

int64_t Count(const Napi::CallbackInfo& info, size_t index) {
  const double value = info[index].IsNumber() ? info[index].As<Napi::Number>().DoubleValue() : -1;
  if (!(value >= 0 && value <= INT32_MAX) || value != static_cast<int64_t>(value))
    throw Napi::TypeError::New(info.Env(), "expected a count below 2^31");
  return static_cast<int64_t>(value);
}

Napi::Int32Array Partners(Napi::Env env, const std::vector<int32_t>& partners) {
  auto result = Napi::Int32Array::New(env, partners.size());
  std::copy(partners.begin(), partners.end(), result.Data());
  return result;
}

// labels ascending, Int32Array [n]; moments Float64Array [n, 3]: area, sum of x, sum of y.
Napi::Object LabelStats(Napi::Env env, const std::vector<LabelStat>& stats) {
  auto labels = Napi::Int32Array::New(env, stats.size());
  auto moments = Napi::Float64Array::New(env, 3 * stats.size());
  for (size_t k = 0; k < stats.size(); ++k) {
    labels[k] = stats[k].label;
    moments[3 * k] = static_cast<double>(stats[k].area);
    moments[3 * k + 1] = static_cast<double>(stats[k].sum_x);
    moments[3 * k + 2] = static_cast<double>(stats[k].sum_y);
  }
  auto result = Napi::Object::New(env);
  result["labels"] = labels;
  result["moments"] = moments;
  return result;
}

class OverlapCounterWrap : public Napi::ObjectWrap<OverlapCounterWrap> {
 public:
  static void Register(Napi::Env env, Napi::Object exports) {
    exports["OverlapCounter"] = DefineClass(env, "OverlapCounter",
                                            {InstanceMethod<&OverlapCounterWrap::Add>("add"),
                                             InstanceMethod<&OverlapCounterWrap::Table>("table")});
  }

  explicit OverlapCounterWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<OverlapCounterWrap>(info) {}

 private:
  // (first, second, width, top)
  void Add(const Napi::CallbackInfo& info) {
    try {
      counter_.Add(Labels(info, 0), Labels(info, 1), static_cast<int32_t>(Count(info, 2)), Count(info, 3));
    } catch (const std::invalid_argument& error) {
      throw Napi::RangeError::New(info.Env(), error.what());
    }
  }

  // () -> {first, second, pairs: Uint32Array [n, 2] of indices, intersections: Float64Array [n]}
  Napi::Value Table(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const OverlapTable table = counter_.Table();
    auto pairs = Napi::Uint32Array::New(env, 2 * table.pairs.size());
    auto intersections = Napi::Float64Array::New(env, table.pairs.size());
    for (size_t k = 0; k < table.pairs.size(); ++k) {
      pairs[2 * k] = table.pairs[k].first;
      pairs[2 * k + 1] = table.pairs[k].second;
      intersections[k] = static_cast<double>(table.pairs[k].pixels);
    }
    auto result = Napi::Object::New(env);
    result["first"] = LabelStats(env, table.first);
    result["second"] = LabelStats(env, table.second);
    result["pairs"] = pairs;
    result["intersections"] = intersections;
    return result;
  }

  OverlapCounter counter_;
};

// (first, second) -> Int32Array
Napi::Value PairPointsOf(const Napi::CallbackInfo& info) {
  try {
    return Partners(info.Env(), PairPoints(Points(info, 0), Points(info, 1)));
  } catch (const std::invalid_argument& error) {
    throw Napi::RangeError::New(info.Env(), error.what());
  }
}

// (pairs Uint32Array [n, 2], weights Float64Array [n], count of first, count of second) -> Int32Array
Napi::Value PairByWeightOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto pairs = Typed<Napi::Uint32Array>(info, 0, napi_uint32_array, "expected pairs, a Uint32Array");
  const auto weights =
      Typed<Napi::Float64Array>(info, 1, napi_float64_array, "expected weights, a Float64Array");
  if (pairs.ElementLength() != 2 * weights.ElementLength())
    throw Napi::RangeError::New(env, "expected one weight per pair");
  std::vector<WeightedPair> candidates(weights.ElementLength());
  for (size_t k = 0; k < candidates.size(); ++k) candidates[k] = {pairs[2 * k], pairs[2 * k + 1], weights[k]};
  try {
    return Partners(env, PairByWeight(candidates, static_cast<uint32_t>(Count(info, 2)),
                                      static_cast<uint32_t>(Count(info, 3))));
  } catch (const std::invalid_argument& error) {
    throw Napi::RangeError::New(env, error.what());
  }
}

}  // namespace

void RegisterEvaluation(Napi::Env env, Napi::Object exports) {
  OverlapCounterWrap::Register(env, exports);
  exports["pairPoints"] = Napi::Function::New(env, PairPointsOf, "pairPoints");
  exports["pairByWeight"] = Napi::Function::New(env, PairByWeightOf, "pairByWeight");
}

}  // namespace hoverslide::addon
