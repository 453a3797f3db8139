#include <memory>
#include <stdexcept>
#include <string>

#include "addon/addon.h"
#include "addon/function.h"
#include "addon/promise_worker.h"
#include "addon/results.h"
#include "context/components.h"
#include "context/slide_nuclei.h"
#include "context/tile_sums.h"
#include "context/tumour_region.h"

namespace hoverslide::addon {
namespace {

// Columns of a row group that stay in place while work in another thread uses them.
struct PinnedColumns {
  PinnedArray<double> x, y;
  PinnedArray<float> orientation;
  PinnedArray<uint8_t> role, type, used;

  NucleiColumns columns() const {
    return {x.data, y.data, orientation.data, role.data, type.data, used.data};
  }
};

NucleiColumns ColumnsOf(const Arguments& arguments) {
  return {arguments.Array<double>(0, "x"),          arguments.Array<double>(1, "y"),
          arguments.Array<float>(2, "orientation"), arguments.Array<uint8_t>(3, "role"),
          arguments.Array<uint8_t>(4, "type"),      arguments.Array<uint8_t>(5, "used")};
}

CellMask MaskOf(const Arguments& arguments, size_t place, const char* name, int32_t columns) {
  const std::span<const uint8_t> cells = arguments.Array<uint8_t>(place, name);
  const CellMask mask{cells, columns, static_cast<int32_t>(cells.size() / static_cast<size_t>(columns))};
  mask.Check();
  return mask;
}

struct PrepareWork {
  std::shared_ptr<SlideNuclei> nuclei;

  void Run() { nuclei->Prepare(); }
  Napi::Value Result(Napi::Env env) { return env.Undefined(); }
};

struct DerivedTumourWork {
  std::shared_ptr<SlideNuclei> nuclei;
  std::vector<uint8_t> region{};

  void Run() { region = nuclei->DerivedTumour(); }
  Napi::Value Result(Napi::Env env) { return ToArray(env, region); }
};

struct SetTumourWork {
  std::shared_ptr<SlideNuclei> nuclei;
  PinnedArray<uint8_t> region;
  const std::vector<float>* distance = nullptr;

  void Run() { distance = &nuclei->SetTumour(region.data); }
  Napi::Value Result(Napi::Env env) { return ToArray(env, *distance); }
};

struct AroundWork {
  std::shared_ptr<const SlideNuclei> nuclei;
  PinnedColumns columns;
  Surroundings found{};

  void Run() { found = nuclei->Around(columns.columns()); }
  Napi::Value Result(Napi::Env env) {
    const auto array = [env](const auto& values) { return Napi::Value(ToArray(env, values)); };
    return ObjectBuilder(env)
        .Set("nearest", Napi::Value(ToList(env, found.nearest, array)))
        .Set("within", Napi::Value(ToList(env, found.within,
                                          [&](const auto& radius) { return ToList(env, radius, array); })))
        .Set("degree", found.degree)
        .Set("meanEdge", found.mean_edge)
        .Set("sameType", found.same_type)
        .Set("alignment", found.alignment)
        .Set("crossWeight", found.cross_weight)
        .Set("aggregate", found.aggregate)
        .Set("tissueEdge", found.tissue_edge)
        .Set("tumourEdge", found.tumour_edge)
        .object();
  }
};

class SlideNucleiClass : public ExportedClass<SlideNucleiClass> {
 public:
  static void Register(Napi::Object exports) {
    exports["SlideNuclei"] =
        DefineClass(exports.Env(), "SlideNuclei",
                    {Method<&SlideNucleiClass::Add>("add", "SlideNuclei.add"),
                     Method<&SlideNucleiClass::Prepare>("prepare", "SlideNuclei.prepare"),
                     Method<&SlideNucleiClass::DerivedTumour>("derivedTumour", "SlideNuclei.derivedTumour"),
                     Method<&SlideNucleiClass::SetTumour>("setTumour", "SlideNuclei.setTumour"),
                     Method<&SlideNucleiClass::Around>("around", "SlideNuclei.around"),
                     Method<&SlideNucleiClass::Release>("release", "SlideNuclei.release"),
                     Accessor<&SlideNucleiClass::Count>("count", "SlideNuclei.count"),
                     Accessor<&SlideNucleiClass::ListOfAggregates>("aggregates", "SlideNuclei.aggregates"),
                     Accessor<&SlideNucleiClass::Buds>("buds", "SlideNuclei.buds")});
  }

  // new SlideNuclei(width, height, capacity, tissue: Uint8Array, columns)
  explicit SlideNucleiClass(const Napi::CallbackInfo& info) : ExportedClass(info) {
    CallChecked(info, "SlideNuclei", [&](const Arguments& arguments) {
      const auto columns = static_cast<int32_t>(arguments.Integer(4, "columns", 1, INT32_MAX));
      const std::span<const uint8_t> tissue = arguments.Array<uint8_t>(3, "tissue");
      nuclei_ =
          std::make_shared<SlideNuclei>(arguments.Number(0, "width"), arguments.Number(1, "height"),
                                        static_cast<size_t>(arguments.Integer(2, "capacity", 0, UINT32_MAX)),
                                        std::vector<uint8_t>(tissue.begin(), tissue.end()), columns);
      return arguments.env().Undefined();
    });
  }

 private:
  std::shared_ptr<SlideNuclei> Open() {
    if (!nuclei_) throw std::logic_error("the nuclei of the slide have been released");
    return nuclei_;
  }

  // Gives the memory back, once no work uses it any more.
  Napi::Value Release(const Arguments& arguments) {
    nuclei_.reset();
    return arguments.env().Undefined();
  }
  // add(x, y, orientation, role, type, used)
  Napi::Value Add(const Arguments& arguments) {
    Open()->Add(ColumnsOf(arguments));
    return arguments.env().Undefined();
  }
  Napi::Value Prepare(const Arguments& arguments) {
    return PromiseWorker<PrepareWork>::Queue(arguments.env(), {Open()});
  }
  Napi::Value DerivedTumour(const Arguments& arguments) {
    return PromiseWorker<DerivedTumourWork>::Queue(arguments.env(), {Open()});
  }
  // setTumour(region: Uint8Array) -> Promise<Float32Array>
  Napi::Value SetTumour(const Arguments& arguments) {
    return PromiseWorker<SetTumourWork>::Queue(
        arguments.env(), {.nuclei = Open(), .region = arguments.Pinned<uint8_t>(0, "region")});
  }
  // around(x, y, orientation, role, type, used) -> Promise<Surroundings>. The arrays must not change
  // meanwhile.
  Napi::Value Around(const Arguments& arguments) {
    return PromiseWorker<AroundWork>::Queue(
        arguments.env(),
        {.nuclei = Open(),
         .columns = {arguments.Pinned<double>(0, "x"), arguments.Pinned<double>(1, "y"),
                     arguments.Pinned<float>(2, "orientation"), arguments.Pinned<uint8_t>(3, "role"),
                     arguments.Pinned<uint8_t>(4, "type"), arguments.Pinned<uint8_t>(5, "used")}});
  }
  Napi::Value Count(const Arguments& arguments) { return ToNumber(arguments.env(), Open()->count()); }
  Napi::Value ListOfAggregates(const Arguments& arguments) {
    const Napi::Env env = arguments.env();
    return ToList(env, Open()->aggregates(), [env](const Aggregate& each) {
      return ObjectBuilder(env)
          .Set("nuclei", each.nuclei)
          .Set("cells", each.cells)
          .Set("x", each.x)
          .Set("y", each.y)
          .object();
    });
  }
  // {nuclei: Uint32Array [n], place: Float64Array [n, 2] x y, tumourEdge: Float64Array [n]}
  Napi::Value Buds(const Arguments& arguments) {
    std::vector<uint32_t> nuclei;
    std::vector<double> place, tumour_edge;
    for (const Bud& bud : Open()->buds()) {
      nuclei.push_back(bud.nuclei);
      tumour_edge.push_back(nuclei_->TumourEdge(bud.x, bud.y));
      place.insert(place.end(), {bud.x, bud.y});
    }
    return ObjectBuilder(arguments.env())
        .Set("nuclei", nuclei)
        .Set("place", place)
        .Set("tumourEdge", tumour_edge)
        .object();
  }

  std::shared_ptr<SlideNuclei> nuclei_;
};

class TileSumsClass : public ExportedClass<TileSumsClass> {
 public:
  static void Register(Napi::Object exports) {
    exports["TileSums"] = DefineClass(exports.Env(), "TileSums",
                                      {Method<&TileSumsClass::Add>("add", "TileSums.add"),
                                       Method<&TileSumsClass::Sums>("sums", "TileSums.sums")});
  }

  // new TileSums(width, height, side)
  explicit TileSumsClass(const Napi::CallbackInfo& info) : ExportedClass(info) {
    CallChecked(info, "TileSums", [&](const Arguments& arguments) {
      sums_ = std::make_unique<TileSums>(arguments.Number(0, "width"), arguments.Number(1, "height"),
                                         arguments.Number(2, "side"));
      return arguments.env().Undefined();
    });
  }

 private:
  // add(x, y, orientation, role, type, used, area, density)
  Napi::Value Add(const Arguments& arguments) {
    sums_->Add(ColumnsOf(arguments), arguments.Array<float>(6, "area"), arguments.Array<float>(7, "density"));
    return arguments.env().Undefined();
  }
  // sums() -> {columns, rows, n, areaSum, areaSquares, odSum, odSquares}
  Napi::Value Sums(const Arguments& arguments) {
    return ObjectBuilder(arguments.env())
        .Set("columns", sums_->columns())
        .Set("rows", sums_->rows())
        .Set("n", sums_->Counts())
        .Set("areaSum", sums_->Sums(TileSums::kArea))
        .Set("areaSquares", sums_->Sums(TileSums::kAreaSquares))
        .Set("odSum", sums_->Sums(TileSums::kDensity))
        .Set("odSquares", sums_->Sums(TileSums::kDensitySquares))
        .object();
  }

  std::unique_ptr<TileSums> sums_;
};

int32_t ColumnsArgument(const Arguments& arguments, size_t place) {
  return static_cast<int32_t>(arguments.Integer(place, "columns", 1, INT32_MAX));
}

// componentSums(mask: Uint8Array, columns, weights: Float64Array) -> Float64Array
Napi::Value ComponentSumsOf(const Arguments& arguments) {
  const CellMask mask = MaskOf(arguments, 0, "mask", ColumnsArgument(arguments, 1));
  return ToArray(arguments.env(), ComponentSums(mask, arguments.Array<double>(2, "weights")));
}

// interfaceLength(region: Uint8Array, tissue: Uint8Array, columns, side) -> Float64Array
Napi::Value InterfaceLengthOf(const Arguments& arguments) {
  const int32_t columns = ColumnsArgument(arguments, 2);
  return ToArray(
      arguments.env(),
      InterfaceLength(MaskOf(arguments, 0, "region", columns), MaskOf(arguments, 1, "tissue", columns),
                      static_cast<int32_t>(arguments.Integer(3, "side", 1, INT32_MAX))));
}

}  // namespace

void RegisterContext(Napi::Object exports) {
  SlideNucleiClass::Register(exports);
  TileSumsClass::Register(exports);
  Export(exports, "componentSums", ComponentSumsOf);
  Export(exports, "interfaceLength", InterfaceLengthOf);
}

}  // namespace hoverslide::addon
