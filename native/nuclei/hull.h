#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hoverslide {

// Counts the pixels of a region's convex hull as scikit-image's `convex_hull_image` does (its `area_convex`):
// the hull is that of the middles of the four edges of each pixel, and a pixel belongs to it whose centre
// lies inside or on its border. Exact: all in integers of half a pixel.
class Hull {
 public:
  // Number of pixels in the hull of the region within the closed ring `outline` [x, y, x, y, ...], which runs
  // along pixel edges and covers the rows y0 <= y < y1.
  int64_t PixelCount(std::span<const int32_t> outline, int32_t y0, int32_t y1);

 private:
  struct Point {
    int64_t x, y;
  };
  void FindExtremes(std::span<const int32_t> outline, int32_t y0, int32_t y1);
  int64_t Reach(std::span<const int64_t> extremes);

  std::vector<int64_t> left_, right_;  // of rows: first pixel, negative, and last pixel
  std::vector<int64_t> halves_;        // the same of rows half a pixel apart, in halves of a pixel
  std::vector<Point> chain_;
};

}  // namespace hoverslide
