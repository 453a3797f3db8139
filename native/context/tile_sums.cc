#include "context/tile_sums.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace hoverslide {
namespace {

// Fixed point with 40 binary digits after the point: exact for all areas and densities of float32 that are
// not tiny, and for their squares to 1e-12.
constexpr double kUnit = 1099511627776.0;

constexpr size_t kSlots = kRoles + 1;

}  // namespace

TileSums::TileSums(double width, double height, double side)
    : width_(width),
      height_(height),
      side_(side),
      columns_(std::max(1, static_cast<int32_t>(std::ceil(width / side)))),
      rows_(std::max(1, static_cast<int32_t>(std::ceil(height / side)))),
      slots_(static_cast<size_t>(columns_) * rows_ * kSlots) {}

void TileSums::Add(const NucleiColumns& nuclei, std::span<const float> area, std::span<const float> density) {
  nuclei.Check();
  if (area.size() != nuclei.count() || density.size() != nuclei.count()) {
    throw std::invalid_argument("expected an area and a density of each nucleus");
  }
  for (size_t k = 0; k < nuclei.count(); ++k) {
    if (!nuclei.used[k]) continue;
    const double x = nuclei.x[k], y = nuclei.y[k], a = area[k], d = density[k];
    if (!(x >= 0 && y >= 0 && x <= width_ && y <= height_) || !std::isfinite(a) || !std::isfinite(d)) {
      throw std::invalid_argument("expected nuclei on the slide with an area and an optical density");
    }
    const int32_t column = std::min(columns_ - 1, static_cast<int32_t>(std::floor(x / side_)));
    const int32_t row = std::min(rows_ - 1, static_cast<int32_t>(std::floor(y / side_)));
    const size_t role = std::min<size_t>(nuclei.role[k], kNoRole);
    Slot& slot = slots_[(static_cast<size_t>(row) * columns_ + column) * kSlots + role];
    ++slot.count;
    const std::array<double, kSums> values{a, a * a, d, d * d};
    for (size_t s = 0; s < kSums; ++s) slot.sums[s] += static_cast<__int128>(std::round(values[s] * kUnit));
  }
}

std::vector<double> TileSums::Counts() const {
  std::vector<double> counts;
  counts.reserve(slots_.size());
  for (const Slot& slot : slots_) counts.push_back(static_cast<double>(slot.count));
  return counts;
}

std::vector<double> TileSums::Sums(Sum sum) const {
  std::vector<double> sums;
  sums.reserve(slots_.size());
  for (const Slot& slot : slots_) sums.push_back(static_cast<double>(slot.sums[sum]) / kUnit);
  return sums;
}

}  // namespace hoverslide
