#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "context/buds.h"
#include "context/surroundings.h"

namespace hoverslide {

// All nuclei of a slide, and what can be asked of them: first they are added, then Prepare is called, then
// perhaps SetTumour; from then on Around may be called from several threads at once.
class SlideNuclei {
 public:
  // width, height: of the slide in um. tissue: [rows, columns] cells of 25 um from the slide's corner.
  SlideNuclei(double width, double height, size_t capacity, std::vector<uint8_t> tissue, int32_t columns);
  SlideNuclei(const SlideNuclei&) = delete;
  SlideNuclei& operator=(const SlideNuclei&) = delete;

  void Add(const NucleiColumns& nuclei) { index_.Add(nuclei); }
  void Prepare();

  // The region that the nuclei suggest, in cells of the tissue.
  std::vector<uint8_t> DerivedTumour() const;
  // Says where the tumour is. Returns the distance of each cell's centre to its border with other tissue.
  const std::vector<float>& SetTumour(std::span<const uint8_t> region);

  Surroundings Around(const NucleiColumns& nuclei) const;

  // Distance from a point to the tumour's border with other tissue in um; NaN if SetTumour was not called.
  double TumourEdge(double x, double y) const;

  size_t count() const { return index_.nuclei().size(); }
  const std::vector<Aggregate>& aggregates() const { return prepared().aggregates.list(); }
  const std::vector<Bud>& buds() const { return prepared().buds; }

 private:
  // What is made of the nuclei once all are there.
  struct Prepared {
    Prepared(const NucleiIndex& index, const CellMask& tissue);

    RolePyramid pyramid;
    Aggregates aggregates;
    std::vector<Bud> buds;
    SetCovariance covariance;
    std::vector<float> tissue_edge;
  };

  const Prepared& prepared() const;
  CellMask tissue() const { return {tissue_, columns_, static_cast<int32_t>(tissue_.size()) / columns_}; }

  NucleiIndex index_;
  std::vector<uint8_t> tissue_;
  int32_t columns_;
  std::optional<Prepared> prepared_;
  std::vector<float> tumour_edge_;
};

}  // namespace hoverslide
