#include "stitch/patch_index.h"

#include <stdexcept>

namespace hoverslide {

PatchIndex::PatchIndex(const Lattice& lattice, std::span<const Patch> run)
    : columns_((lattice.width + lattice.stride - 1) / lattice.stride),
      rows_((lattice.height + lattice.stride - 1) / lattice.stride),
      places_(static_cast<size_t>(columns_) * rows_, kNone) {
  for (size_t k = 0; k < run.size(); ++k) {
    const auto [i, j] = run[k];
    if (i < 0 || j < 0 || i >= columns_ || j >= rows_) {
      throw std::invalid_argument("a patch lies beyond the slide");
    }
    uint32_t& place = places_[PlaceOf(i, j)];
    if (place != kNone) throw std::invalid_argument("a patch is listed twice");
    place = static_cast<uint32_t>(k);
  }
}

}  // namespace hoverslide
