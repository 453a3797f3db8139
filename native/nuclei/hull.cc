#include "nuclei/hull.h"

#include <algorithm>

namespace hoverslide {

// Only the leftmost and the rightmost point of a row can lie on the hull, and rows come sorted: two monotone
// chains (Andrew 1979) without a sort.
int64_t Hull::TwiceArea(std::span<const int32_t> points, int32_t y0, int32_t y1) {
  const size_t rows = static_cast<size_t>(y1 - y0) + 1;
  left_.assign(rows, INT32_MAX);
  right_.assign(rows, INT32_MIN);
  for (size_t k = 0; k + 1 < points.size(); k += 2) {
    const size_t row = points[k + 1] - y0;
    left_[row] = std::min(left_[row], points[k]);
    right_[row] = std::max(right_[row], points[k]);
  }
  return Side(right_, y0, 1) - Side(left_, y0, -1);
}

// Twice the area between the y axis and the hull's chain along one side (sign 1: the right one, where x is
// largest).
int64_t Hull::Side(std::span<const int32_t> extremes, int32_t y0, int sign) {
  chain_.clear();
  int64_t area = 0;
  for (size_t row = 0; row < extremes.size(); ++row) {
    if (extremes[row] == INT32_MAX || extremes[row] == INT32_MIN) continue;
    const Point point{extremes[row], y0 + static_cast<int64_t>(row)};
    const auto bends_inwards = [&] {
      const Point& a = chain_[chain_.size() - 2];
      const Point& b = chain_.back();
      return sign * ((b.x - a.x) * (point.y - a.y) - (point.x - a.x) * (b.y - a.y)) <= 0;
    };
    while (chain_.size() >= 2 && bends_inwards()) chain_.pop_back();
    chain_.push_back(point);
  }
  for (size_t k = 1; k < chain_.size(); ++k) {
    area += (chain_[k].x + chain_[k - 1].x) * (chain_[k].y - chain_[k - 1].y);
  }
  return area;
}

}  // namespace hoverslide
