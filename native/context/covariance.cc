#include "context/covariance.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace hoverslide {

SetCovariance::SetCovariance(std::span<const uint8_t> mask, int32_t width, int32_t height) {
  if (width < 0 || height < 0 || mask.size() != static_cast<size_t>(width) * static_cast<size_t>(height)) {
    throw std::invalid_argument("expected a mask of the size that is given");
  }
  // Counts the shifts to below, and those to the right in the same row; the others mirror them.
  std::array<int64_t, kSide * kSide> counts{};
  for (int32_t y = 0; y < height; ++y) {
    for (int32_t x = 0; x < width; ++x) {
      if (!mask[static_cast<size_t>(y) * width + x]) continue;
      for (int32_t row = 0; row <= kShifts && y + row < height; ++row) {
        const uint8_t* other = mask.data() + static_cast<size_t>(y + row) * width;
        for (int32_t column = row == 0 ? 0 : -kShifts; column <= kShifts; ++column) {
          const int32_t at = x + column;
          if (at >= 0 && at < width && other[at])
            ++counts[static_cast<size_t>(row + kShifts) * kSide + static_cast<size_t>(column + kShifts)];
        }
      }
    }
  }
  for (size_t k = 0; k < counts.size(); ++k)
    shifts_[k] = static_cast<double>(std::max(counts[k], counts[counts.size() - 1 - k]));
}

double SetCovariance::Weight(double dx, double dy) const {
  const double x = dx / kCell, y = dy / kCell;
  const auto column = static_cast<int32_t>(std::floor(x)), row = static_cast<int32_t>(std::floor(y));
  if (column < -kShifts || row < -kShifts || column >= kShifts || row >= kShifts) {
    throw std::invalid_argument("expected points at most 75 um apart each way");
  }
  const double right = x - column, below = y - row;
  const double upper = At(column, row) * (1 - right) + At(column + 1, row) * right;
  const double lower = At(column, row + 1) * (1 - right) + At(column + 1, row + 1) * right;
  return std::min(kMost, At(0, 0) / (upper * (1 - below) + lower * below));
}

}  // namespace hoverslide
