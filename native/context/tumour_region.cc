#include "context/tumour_region.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "context/components.h"
#include "geometry/elementary.h"

namespace hoverslide {
namespace {

constexpr double kCellMm2 = CellMask::kCell * CellMask::kCell * 1e-6;
constexpr double kSigma = 50 / CellMask::kCell;
constexpr double kLeastPerCell = 300 * kCellMm2;
constexpr double kLeastShare = 0.4;
constexpr int32_t kClosing = 2;         // 50 um
constexpr size_t kLeastComponent = 80;  // 0.05 mm2
constexpr size_t kLeastHole = 16;       // 0.01 mm2

struct Counts {
  std::vector<uint16_t> tumour, all;
};

// A cell of 25 um holds some tens of nuclei; more than 65,535 count as that many.
Counts Count(const NucleiIndex& index, int32_t width, int32_t height) {
  const size_t cells = static_cast<size_t>(width) * height;
  Counts counts{std::vector<uint16_t>(cells), std::vector<uint16_t>(cells)};
  const auto add = [](uint16_t& count) { count += count < UINT16_MAX; };
  for (const IndexedNucleus& nucleus : index.nuclei()) {
    const int32_t x = std::min(width - 1, static_cast<int32_t>(std::floor(nucleus.x / CellMask::kCell)));
    const int32_t y = std::min(height - 1, static_cast<int32_t>(std::floor(nucleus.y / CellMask::kCell)));
    const size_t at = static_cast<size_t>(y) * width + x;
    add(counts.all[at]);
    if (nucleus.role == kTumour) add(counts.tumour[at]);
  }
  return counts;
}

// Smooths rows of counts one after the other and gives each smoothed row of the grid to `visit`, so that only
// some rows are held as doubles.
class RowSmoother {
 public:
  RowSmoother(std::span<const uint16_t> counts, int32_t width, int32_t height, double sigma)
      : counts_(counts), width_(width), height_(height), reach_(static_cast<int32_t>(4 * sigma + 0.5)) {
    if (counts.size() != static_cast<size_t>(width) * static_cast<size_t>(height)) {
      throw std::invalid_argument("expected a count for each cell");
    }
    double sum = 0;
    for (int32_t k = -reach_; k <= reach_; ++k)
      sum += weights_.emplace_back(ExpOf(-k * k / (2 * sigma * sigma)));
    for (double& weight : weights_) weight /= sum;
    ring_.resize(weights_.size(), std::vector<double>(width));
    for (int32_t y = 0; y < std::min(reach_, height); ++y) Along(y);
    row_.resize(width);
  }

  // Returns row y; rows are asked for in order, from 0.
  std::span<const double> Row(int32_t y) {
    if (y + reach_ < height_) Along(y + reach_);
    std::fill(row_.begin(), row_.end(), 0.0);
    for (int32_t k = -reach_; k <= reach_; ++k) {
      if (y + k < 0 || y + k >= height_) continue;
      const std::vector<double>& row = ring_[(y + k) % ring_.size()];
      const double weight = weights_[k + reach_];
      for (int32_t x = 0; x < width_; ++x) row_[x] += weight * row[x];
    }
    return row_;
  }

 private:
  void Along(int32_t y) {
    const uint16_t* counts = counts_.data() + static_cast<size_t>(y) * width_;
    std::vector<double>& row = ring_[y % ring_.size()];
    std::fill(row.begin(), row.end(), 0.0);
    for (int32_t k = -reach_; k <= reach_; ++k) {
      const double weight = weights_[k + reach_];
      for (int32_t x = std::max(0, -k); x < std::min(width_, width_ - k); ++x)
        row[x] += weight * counts[x + k];
    }
  }

  std::span<const uint16_t> counts_;
  int32_t width_, height_, reach_;
  std::vector<double> weights_, row_;
  std::vector<std::vector<double>> ring_;  // smoothed along rows, by row number
};

}  // namespace

std::vector<double> Smoothed(std::span<const uint16_t> counts, int32_t width, int32_t height, double sigma) {
  RowSmoother smoother(counts, width, height, sigma);
  std::vector<double> smoothed;
  for (int32_t y = 0; y < height; ++y) {
    const std::span<const double> row = smoother.Row(y);
    smoothed.insert(smoothed.end(), row.begin(), row.end());
  }
  return smoothed;
}

std::vector<uint8_t> Closed(const CellMask& mask, int32_t radius) {
  mask.Check();
  const int32_t pad = radius + 1, width = mask.width + 2 * pad, height = mask.height + 2 * pad;
  std::vector<uint8_t> padded(static_cast<size_t>(width) * height);
  for (int32_t y = 0; y < mask.height; ++y)
    for (int32_t x = 0; x < mask.width; ++x)
      padded[static_cast<size_t>(y + pad) * width + x + pad] = mask.At(x, y);
  // Dilates and keeps the complement; then erodes: what is far from the complement stays.
  const auto beyond = [&](const std::vector<uint8_t>& cells) {
    const std::vector<int32_t> squared = SquaredDistances({cells, width, height});
    std::vector<uint8_t> far(cells.size());
    for (size_t k = 0; k < far.size(); ++k) far[k] = squared[k] < 0 || squared[k] > radius * radius;
    return far;
  };
  const std::vector<uint8_t> closed = beyond(beyond(padded));
  std::vector<uint8_t> result(mask.cells.size());
  for (int32_t y = 0; y < mask.height; ++y)
    for (int32_t x = 0; x < mask.width; ++x)
      result[static_cast<size_t>(y) * mask.width + x] =
          closed[static_cast<size_t>(y + pad) * width + x + pad];
  return result;
}

std::vector<uint8_t> TumourRegion(const NucleiIndex& index, const CellMask& tissue) {
  tissue.Check();
  const int32_t width = tissue.width, height = tissue.height;
  std::vector<uint8_t> region(tissue.cells.size());
  {
    const Counts counts = Count(index, width, height);
    RowSmoother tumour(counts.tumour, width, height, kSigma), all(counts.all, width, height, kSigma);
    for (int32_t y = 0; y < height; ++y) {
      const std::span<const double> t = tumour.Row(y), a = all.Row(y);
      for (int32_t x = 0; x < width; ++x)
        region[static_cast<size_t>(y) * width + x] = t[x] >= kLeastPerCell && t[x] >= kLeastShare * a[x];
    }
  }
  region = Closed({region, width, height}, kClosing);
  for (size_t k = 0; k < region.size(); ++k) region[k] = region[k] && tissue.cells[k];
  std::vector<uint8_t> kept(region.size());
  EachComponent({region, width, height}, false, [&](const Component& part) {
    if (part.cells.size() < kLeastComponent) return;
    for (const uint32_t cell : part.cells) kept[cell] = 1;
  });
  std::vector<uint8_t> rest(kept.size());
  for (size_t k = 0; k < kept.size(); ++k) rest[k] = !kept[k];
  EachComponent({rest, width, height}, true, [&](const Component& hole) {
    if (hole.at_border || hole.cells.size() >= kLeastHole) return;
    for (const uint32_t cell : hole.cells) kept[cell] = tissue.cells[cell] != 0;
  });
  return kept;
}

std::vector<double> InterfaceLength(const CellMask& region, const CellMask& tissue, int32_t side) {
  region.Check();
  tissue.Check();
  if (region.width != tissue.width || region.height != tissue.height || side < 1) {
    throw std::invalid_argument("expected two masks of the same size and a side of at least one cell");
  }
  const int32_t width = region.width, height = region.height;
  const int32_t columns = (width + side - 1) / side, rows = (height + side - 1) / side;
  struct Crossings {
    int64_t straight = 0, diagonal = 0;
  };
  std::vector<Crossings> blocks(static_cast<size_t>(columns) * rows);
  constexpr std::array<std::pair<int32_t, int32_t>, 4> kDirections{{{1, 0}, {0, 1}, {1, 1}, {-1, 1}}};
  for (int32_t y = 0; y < height; ++y) {
    for (int32_t x = 0; x < width; ++x) {
      for (const auto& [dx, dy] : kDirections) {
        const int32_t u = x + dx, v = y + dy;
        if (u < 0 || u >= width || v >= height) continue;
        const bool here = region.At(x, y), there = region.At(u, v);
        if (here == there || !(here || tissue.At(x, y)) || !(there || tissue.At(u, v))) continue;
        const int32_t column = (here ? x : u) / side, row = (here ? y : v) / side;
        Crossings& block = blocks[static_cast<size_t>(row) * columns + column];
        ++(dx != 0 && dy != 0 ? block.diagonal : block.straight);
      }
    }
  }
  std::vector<double> length(blocks.size());
  for (size_t k = 0; k < blocks.size(); ++k) {
    const double lines = static_cast<double>(blocks[k].straight) +
                         static_cast<double>(blocks[k].diagonal) / std::numbers::sqrt2;
    length[k] = std::numbers::pi / 8 * CellMask::kCell * lines * 1e-3;
  }
  return length;
}

}  // namespace hoverslide
