#include "context/nuclei_index.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace hoverslide {
namespace {

// Cells beyond which a slide is no slide: 400 mm each way.
constexpr double kLargest = 4e5;

bool Before(const IndexedNucleus& a, const IndexedNucleus& b) {
  const auto key = [](const IndexedNucleus& n) {
    return std::tuple(n.y, n.x, uint32_t{n.role}, uint32_t{n.type}, int32_t{n.cos2}, int32_t{n.sin2});
  };
  return key(a) < key(b);
}

}  // namespace

void NucleiColumns::Check() const {
  const size_t count = x.size();
  if (y.size() != count || orientation.size() != count || role.size() != count || type.size() != count ||
      used.size() != count) {
    throw std::invalid_argument("expected columns of " + std::to_string(count) + " nuclei");
  }
}

NucleiIndex::NucleiIndex(double width, double height, size_t capacity) : width_(width), height_(height) {
  if (!(width >= 0 && height >= 0 && width <= kLargest && height <= kLargest)) {
    throw std::invalid_argument("expected a slide of at most 400 mm each way");
  }
  columns_ = CellOf(width) + 1;
  rows_ = CellOf(height) + 1;
  nuclei_.reserve(capacity);
}

void NucleiIndex::Add(const NucleiColumns& nuclei) {
  if (finished_) throw std::logic_error("nuclei were added after the index was finished");
  nuclei.Check();
  for (size_t k = 0; k < nuclei.count(); ++k) {
    if (!nuclei.used[k]) continue;
    const double x = nuclei.x[k], y = nuclei.y[k];
    if (!(x >= 0 && y >= 0 && x <= width_ && y <= height_)) {
      throw std::invalid_argument("expected nuclei on the slide (" + std::to_string(width_) + " x " +
                                  std::to_string(height_) + " um), found one at " + std::to_string(x) + ", " +
                                  std::to_string(y));
    }
    const DoubledAngle angle(nuclei.orientation[k]);
    nuclei_.push_back({.x = x,
                       .y = y,
                       .cos2 = angle.cos2,
                       .role = nuclei.role[k] < kRoles ? uint32_t{nuclei.role[k]} : kNoRole,
                       .sin2 = angle.sin2,
                       .type = nuclei.type[k]});
  }
  if (nuclei_.size() > UINT32_MAX) throw std::length_error("more nuclei than 2^32");
}

// Sorts in place by cell (a bucket sort that follows cycles: American flag), since a copy would double the
// memory; then each cell, which holds a few.
void NucleiIndex::Finish() {
  if (finished_) throw std::logic_error("the index was finished before");
  finished_ = true;
  const size_t cells = static_cast<size_t>(columns_) * rows_;
  starts_.assign(cells + 1, 0);
  for (const IndexedNucleus& nucleus : nuclei_) ++starts_[CellNumber(nucleus) + 1];
  for (size_t cell = 0; cell < cells; ++cell) starts_[cell + 1] += starts_[cell];
  std::vector<uint32_t> next(starts_.begin(), starts_.end() - 1);
  for (size_t cell = 0; cell < cells; ++cell) {
    for (const uint32_t end = starts_[cell + 1]; next[cell] < end;) {
      IndexedNucleus& here = nuclei_[next[cell]];
      const size_t home = CellNumber(here);
      if (home == cell) {
        ++next[cell];
      } else {
        std::swap(here, nuclei_[next[home]++]);
      }
    }
    std::sort(nuclei_.begin() + starts_[cell], nuclei_.begin() + starts_[cell + 1], Before);
  }
}

uint8_t NucleiIndex::RolesIn(int32_t column, int32_t row) const {
  uint8_t bits = 0;
  for (const IndexedNucleus& nucleus : Run(row, column, column)) bits |= 1U << nucleus.role;
  return bits;
}

}  // namespace hoverslide
