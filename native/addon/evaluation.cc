#include "addon/addon.h"
#include "addon/function.h"
#include "addon/results.h"
#include "evaluation/assignment.h"
#include "evaluation/overlap.h"

namespace hoverslide::addon {
namespace {

// labels ascending, Int32Array [n]; moments Float64Array [n, 3]: area, sum of x, sum of y.
Napi::Object LabelStats(Napi::Env env, const std::vector<LabelStat>& stats) {
  std::vector<int32_t> labels;
  std::vector<double> moments;
  for (const LabelStat& stat : stats) {
    labels.push_back(stat.label);
    for (const int64_t sum : {stat.area, stat.sum_x, stat.sum_y}) {
      moments.push_back(static_cast<double>(sum));
    }
  }
  return ObjectBuilder(env).Set("labels", labels).Set("moments", moments).object();
}

class OverlapCounterClass : public ExportedClass<OverlapCounterClass> {
 public:
  static void Register(Napi::Object exports) {
    exports["OverlapCounter"] =
        DefineClass(exports.Env(), "OverlapCounter",
                    {Method<&OverlapCounterClass::Add>("add", "OverlapCounter.add"),
                     Method<&OverlapCounterClass::Table>("table", "OverlapCounter.table")});
  }

  explicit OverlapCounterClass(const Napi::CallbackInfo& info) : ExportedClass(info) {}

 private:
  // add(first, second, width, top)
  Napi::Value Add(const Arguments& arguments) {
    counter_.Add(arguments.Array<int32_t>(0, "first"), arguments.Array<int32_t>(1, "second"),
                 arguments.Int32(2, "width"), arguments.Integer(3, "top", 0));
    return arguments.env().Undefined();
  }

  // table() -> {first, second, pairs: Uint32Array [n, 2] of indices, intersections: Float64Array [n]}
  Napi::Value Table(const Arguments& arguments) {
    const Napi::Env env = arguments.env();
    const OverlapTable table = counter_.Table();
    std::vector<uint32_t> pairs;
    std::vector<double> intersections;
    for (const LabelPair& pair : table.pairs) {
      pairs.insert(pairs.end(), {pair.first, pair.second});
      intersections.push_back(static_cast<double>(pair.pixels));
    }
    return ObjectBuilder(env)
        .Set("first", LabelStats(env, table.first))
        .Set("second", LabelStats(env, table.second))
        .Set("pairs", pairs)
        .Set("intersections", intersections)
        .object();
  }

  OverlapCounter counter_;
};

std::span<const float> Points(const Arguments& arguments, size_t place, const char* name) {
  const std::span<const float> points = arguments.Array<float>(place, name);
  if (points.size() % 2 != 0) {
    arguments.RefuseType(name, "an x and a y for each point", std::to_string(points.size()) + " numbers");
  }
  return points;
}

// pairPoints(first, second) -> Int32Array
Napi::Value PairPointsOf(const Arguments& arguments) {
  return ToArray(arguments.env(), PairPoints(Points(arguments, 0, "first"), Points(arguments, 1, "second")));
}

// pairByWeight(pairs Uint32Array [n, 2], weights Float64Array [n], firstCount, secondCount) -> Int32Array
Napi::Value PairByWeightOf(const Arguments& arguments) {
  const std::span<const uint32_t> pairs = arguments.Array<uint32_t>(0, "pairs");
  const std::span<const double> weights = arguments.Array<double>(1, "weights");
  if (pairs.size() != 2 * weights.size()) {
    arguments.RefuseRange("weights", "one for each pair", std::to_string(weights.size()) + " numbers");
  }
  std::vector<WeightedPair> candidates(weights.size());
  for (size_t k = 0; k < candidates.size(); ++k) candidates[k] = {pairs[2 * k], pairs[2 * k + 1], weights[k]};
  const auto count = [&](size_t place, const char* name) {
    return static_cast<uint32_t>(arguments.Integer(place, name, 0, INT32_MAX));
  };
  return ToArray(arguments.env(), PairByWeight(candidates, count(2, "firstCount"), count(3, "secondCount")));
}

}  // namespace

void RegisterEvaluation(Napi::Object exports) {
  OverlapCounterClass::Register(exports);
  Export(exports, "pairPoints", PairPointsOf);
  Export(exports, "pairByWeight", PairByWeightOf);
}

}  // namespace hoverslide::addon
