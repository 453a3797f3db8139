#include "nuclei/markers.h"

#include <algorithm>

#include "nuclei/clones.h"

namespace hoverslide {
namespace {

// The ellipse as a union of a row of 5 in three rows and a pixel above and below: one erosion or dilation, by
// `Both` (and, or). `rows` is scratch.
template <typename Both>
inline void Ellipse(const uint8_t* in, const Grid& grid, uint8_t* rows, uint8_t* out, Both both) {
  const ptrdiff_t w = grid.width;
  const ptrdiff_t end = static_cast<ptrdiff_t>(grid.size()) - 2;
  for (ptrdiff_t i = 2; i < end; ++i) {
    rows[i] = both(both(both(in[i - 2], in[i - 1]), both(in[i + 1], in[i + 2])), in[i]);
  }
  for (ptrdiff_t y = kFrame; y < grid.height - kFrame; ++y) {
    for (ptrdiff_t i = y * w + kFrame; i < (y + 1) * w - kFrame; ++i) {
      out[i] = both(both(both(rows[i - w], rows[i]), rows[i + w]), both(in[i - 2 * w], in[i + 2 * w]));
    }
  }
}

HOVERSLIDE_CLONES
void Erode(const uint8_t* in, const Grid& grid, uint8_t* rows, uint8_t* out) {
  Ellipse(in, grid, rows, out, [](uint8_t a, uint8_t b) -> uint8_t { return a & b; });
}

HOVERSLIDE_CLONES
void Dilate(const uint8_t* in, const Grid& grid, uint8_t* rows, uint8_t* out) {
  Ellipse(in, grid, rows, out, [](uint8_t a, uint8_t b) -> uint8_t { return a | b; });
}

void SetFrame(std::span<uint8_t> plane, const Grid& grid, uint8_t value) {
  const size_t band = grid.At(0, kFrame);
  std::fill_n(plane.begin(), band, value);
  std::fill_n(plane.end() - band, band, value);
  for (int32_t y = kFrame; y < grid.height - kFrame; ++y) {
    std::fill_n(plane.begin() + grid.At(0, y), kFrame, value);
    std::fill_n(plane.begin() + grid.At(grid.width - kFrame, y), kFrame, value);
  }
}

}  // namespace

void Markers::FillHoles(std::span<uint8_t> mask, const Grid& grid) {
  components_.Find(mask, grid.width, grid.height, true);
  if (components_.count() == 1) return;  // the outside alone
  for (const Components::Run& run : components_.runs()) {
    if (run.component != 0) std::fill(mask.begin() + run.begin, mask.begin() + run.end, uint8_t{1});
  }
}

void Markers::Open(std::span<uint8_t> mask, const Grid& grid, uint8_t beyond) {
  rows_.resize(std::max(rows_.size(), grid.size()));
  eroded_.resize(std::max(eroded_.size(), grid.size()));
  if (beyond != 0) SetFrame(mask, grid, beyond);
  Erode(mask.data(), grid, rows_.data(), eroded_.data());
  SetFrame(std::span(eroded_).first(grid.size()), grid, 0);
  Dilate(eroded_.data(), grid, rows_.data(), mask.data());
  if (beyond != 0) SetFrame(mask, grid, 0);
}

std::span<const int32_t> Markers::Label(std::span<const uint8_t> mask, const Grid& grid,
                                        std::span<int32_t> labels) {
  components_.Find(mask, grid.width, grid.height);
  number_.assign(components_.count(), 0);
  first_.clear();
  for (const Components::Run& run : components_.runs()) {
    if (components_.area(run.component) < kSmallestArea) continue;
    int32_t& number = number_[run.component];
    if (number == 0) {
      first_.push_back(run.begin);
      number = static_cast<int32_t>(first_.size());
    }
    std::fill(labels.begin() + run.begin, labels.begin() + run.end, number);
  }
  return first_;
}

}  // namespace hoverslide
