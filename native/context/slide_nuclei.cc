#include "context/slide_nuclei.h"

#include <limits>
#include <stdexcept>
#include <utility>

#include "context/tumour_region.h"

namespace hoverslide {

SlideNuclei::SlideNuclei(double width, double height, size_t capacity, std::vector<uint8_t> tissue,
                         int32_t columns)
    : index_(width, height, capacity), tissue_(std::move(tissue)), columns_(columns) {
  if (columns < 1 || tissue_.empty()) throw std::invalid_argument("expected a grid with cells");
  this->tissue().Check();
}

SlideNuclei::Prepared::Prepared(const NucleiIndex& index, const CellMask& tissue)
    : pyramid(index),
      aggregates(index),
      buds(FindBuds(index)),
      covariance(tissue.cells, tissue.width, tissue.height),
      tissue_edge(TissueEdgeDistances(tissue)) {}

void SlideNuclei::Prepare() {
  index_.Finish();
  prepared_.emplace(index_, tissue());
}

const SlideNuclei::Prepared& SlideNuclei::prepared() const {
  if (!prepared_) throw std::logic_error("the nuclei of the slide are not prepared");
  return *prepared_;
}

std::vector<uint8_t> SlideNuclei::DerivedTumour() const {
  prepared();
  return TumourRegion(index_, tissue());
}

const std::vector<float>& SlideNuclei::SetTumour(std::span<const uint8_t> region) {
  if (region.size() != tissue_.size()) throw std::invalid_argument("expected a region of the tissue's size");
  std::vector<uint8_t> outside(tissue_.size());
  for (size_t k = 0; k < outside.size(); ++k) outside[k] = tissue_[k] && !region[k];
  const CellMask grid = tissue();
  tumour_edge_ = SignedDistances({region, grid.width, grid.height}, {outside, grid.width, grid.height});
  return tumour_edge_;
}

double SlideNuclei::TumourEdge(double x, double y) const {
  return tumour_edge_.empty() ? std::numeric_limits<double>::quiet_NaN()
                              : Interpolated(tumour_edge_, tissue(), x, y);
}

Surroundings SlideNuclei::Around(const NucleiColumns& nuclei) const {
  const Prepared& made = prepared();
  return FindSurroundings({.index = index_,
                           .pyramid = made.pyramid,
                           .aggregates = made.aggregates,
                           .covariance = made.covariance,
                           .tissue = tissue(),
                           .tissue_edge = made.tissue_edge,
                           .tumour_edge = tumour_edge_},
                          nuclei);
}

}  // namespace hoverslide
