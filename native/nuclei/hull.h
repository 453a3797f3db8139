#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hoverslide {

// Area of the convex hull of integer points, exact.
class Hull {
 public:
  // Twice the area of the hull of `points` [x, y, x, y, ...], all with y0 <= y <= y1.
  int64_t TwiceArea(std::span<const int32_t> points, int32_t y0, int32_t y1);

 private:
  struct Point {
    int64_t x, y;
  };
  int64_t Side(std::span<const int32_t> extremes, int32_t y0, int sign);

  std::vector<int32_t> left_, right_;
  std::vector<Point> chain_;
};

}  // namespace hoverslide
