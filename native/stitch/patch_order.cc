#include "stitch/patch_order.h"

#include <algorithm>
#include <stdexcept>

namespace hoverslide {

PatchOrder::PatchOrder(const Lattice& lattice, std::vector<Patch> patches)
    : lattice_(lattice),
      patches_(std::move(patches)),
      columns_((lattice.width + lattice.stride - 1) / lattice.stride),
      rows_((lattice.height + lattice.stride - 1) / lattice.stride),
      places_(static_cast<size_t>(columns_) * rows_, kNone) {
  for (size_t k = 0; k < patches_.size(); ++k) {
    const auto [i, j] = patches_[k];
    if (i < 0 || j < 0 || i >= columns_ || j >= rows_) {
      throw std::invalid_argument("a patch lies beyond the slide");
    }
    uint32_t& place = places_[IndexOf(i, j)];
    if (place != kNone) throw std::invalid_argument("a patch is listed twice");
    place = static_cast<uint32_t>(k);
  }
}

std::optional<uint32_t> PatchOrder::Last(const Box& box) const {
  std::optional<uint32_t> last;
  ForEach(box, [&](uint32_t place) { last = std::max(last.value_or(0), place); });
  return last;
}

}  // namespace hoverslide
