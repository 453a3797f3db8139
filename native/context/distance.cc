#include "context/distance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace hoverslide {
namespace {

constexpr int32_t kFar = -1;

// Distance, in rows, to the nearest cell of the mask in the same column; kFar if there is none.
std::vector<int32_t> AlongColumns(const CellMask& mask) {
  const int32_t width = mask.width, height = mask.height;  // clang 14 captures no structured bindings
  std::vector<int32_t> distance(mask.cells.size(), kFar);
  const auto sweep = [&](int32_t from, int32_t end, int32_t step) {
    for (int32_t y = from; y != end; y += step) {
      for (int32_t x = 0; x < width; ++x) {
        const size_t at = static_cast<size_t>(y) * width + x;
        if (mask.At(x, y)) {
          distance[at] = 0;
        } else if (y != from) {
          const int32_t before = distance[static_cast<size_t>(y - step) * width + x];
          if (before != kFar && (distance[at] == kFar || before + 1 < distance[at]))
            distance[at] = before + 1;
        }
      }
    }
  };
  sweep(0, height, 1);
  if (height > 0) sweep(height - 1, -1, -1);
  return distance;
}

}  // namespace

void CellMask::Check() const {
  if (width < 0 || height < 0 || cells.size() != static_cast<size_t>(width) * static_cast<size_t>(height)) {
    throw std::invalid_argument("expected a mask of the size that is given");
  }
}

std::vector<int32_t> SquaredDistances(const CellMask& mask) {
  mask.Check();
  std::vector<int32_t> distance = AlongColumns(mask);
  // Each row: the lower envelope of parabolas, one for each column that has a cell of the mask.
  std::vector<int32_t> vertex(mask.width);
  std::vector<double> height(mask.width), from(mask.width + 1);
  for (int32_t y = 0; y < mask.height; ++y) {
    int32_t* row = distance.data() + static_cast<size_t>(y) * mask.width;
    int32_t count = 0;
    for (int32_t x = 0; x < mask.width; ++x) {
      if (row[x] == kFar) continue;
      const double level = static_cast<double>(row[x]) * row[x];
      double cross = -std::numeric_limits<double>::infinity();
      for (; count > 0; --count) {
        const double v = vertex[count - 1];
        cross = (level + static_cast<double>(x) * x - height[count - 1] - v * v) / (2 * (x - v));
        if (cross > from[count - 1]) break;
      }
      if (count == 0) cross = -std::numeric_limits<double>::infinity();
      vertex[count] = x;
      height[count] = level;
      from[count++] = cross;
    }
    if (count == 0) continue;
    from[count] = std::numeric_limits<double>::infinity();
    for (int32_t x = 0, k = 0; x < mask.width; ++x) {
      while (from[k + 1] < x) ++k;
      const int32_t off = x - vertex[k];
      row[x] = off * off + static_cast<int32_t>(height[k]);
    }
  }
  return distance;
}

std::vector<float> SignedDistances(const CellMask& region, const CellMask& outside) {
  const std::vector<int32_t> to_region = SquaredDistances(region);
  const std::vector<int32_t> to_outside = SquaredDistances(outside);
  if (to_region.size() != to_outside.size() || region.width != outside.width) {
    throw std::invalid_argument("expected two masks of the same size");
  }
  std::vector<float> distance(to_region.size());
  const auto um = [](int32_t squared) {
    return static_cast<float>((std::sqrt(squared) - 0.5) * CellMask::kCell);
  };
  for (size_t k = 0; k < distance.size(); ++k) {
    if (to_region[k] == kFar) {
      distance[k] = std::numeric_limits<float>::quiet_NaN();
    } else if (to_region[k] > 0) {
      distance[k] = um(to_region[k]);
    } else {
      distance[k] = to_outside[k] == kFar ? -std::numeric_limits<float>::infinity() : -um(to_outside[k]);
    }
  }
  return distance;
}

std::vector<float> TissueEdgeDistances(const CellMask& tissue) {
  tissue.Check();
  const int32_t width = tissue.width + 2, height = tissue.height + 2;
  std::vector<uint8_t> inside(static_cast<size_t>(width) * height), outside(inside.size(), 1);
  for (int32_t y = 0; y < tissue.height; ++y) {
    for (int32_t x = 0; x < tissue.width; ++x) {
      if (!tissue.At(x, y)) continue;
      const size_t at = static_cast<size_t>(y + 1) * width + x + 1;
      inside[at] = 1;
      outside[at] = 0;
    }
  }
  const std::vector<float> padded = SignedDistances({inside, width, height}, {outside, width, height});
  std::vector<float> distance(tissue.cells.size());
  for (int32_t y = 0; y < tissue.height; ++y)
    for (int32_t x = 0; x < tissue.width; ++x)
      distance[static_cast<size_t>(y) * tissue.width + x] =
          -padded[static_cast<size_t>(y + 1) * width + x + 1];
  return distance;
}

double Interpolated(std::span<const float> grid, const CellMask& valid, double x, double y) {
  const auto cell = [](double at, int32_t size) {
    return std::clamp(static_cast<int32_t>(std::floor(at / CellMask::kCell)), 0, size - 1);
  };
  const auto counts = [&](int32_t column, int32_t row) {
    return valid.cells.empty() || valid.At(column, row);
  };
  const int32_t own_x = cell(x, valid.width), own_y = cell(y, valid.height);
  const double own = grid[static_cast<size_t>(own_y) * valid.width + own_x];
  if (!std::isfinite(own) || !counts(own_x, own_y)) return own;
  const double u = std::clamp(x / CellMask::kCell - 0.5, 0.0, valid.width - 1.0);
  const double v = std::clamp(y / CellMask::kCell - 0.5, 0.0, valid.height - 1.0);
  const auto left = static_cast<int32_t>(std::floor(u)), top = static_cast<int32_t>(std::floor(v));
  const auto value = [&](int32_t column, int32_t row) {
    const bool there = column < valid.width && row < valid.height;
    return there && counts(column, row) ? double{grid[static_cast<size_t>(row) * valid.width + column]} : own;
  };
  const double upper = value(left, top) * (1 - (u - left)) + value(left + 1, top) * (u - left);
  const double lower = value(left, top + 1) * (1 - (u - left)) + value(left + 1, top + 1) * (u - left);
  return upper * (1 - (v - top)) + lower * (v - top);
}

}  // namespace hoverslide
