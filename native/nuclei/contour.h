#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "geometry/box.h"

namespace hoverslide {

// Traces a region's outer border as OpenCV's findContours does (Suzuki and Abe 1985, CHAIN_APPROX_SIMPLE):
// 8-connected, through pixel centres, so that polygons come out too small; for comparing with other tools.
// Counter-clockwise on a screen from the first pixel in raster order, without points in line, not closed. Of
// several 8-connected parts it takes the one whose first pixel comes last, as contours[0] in the reference
// code, and ignores parts within holes of others.
class Contours {
 public:
  // Appends the border of the pixels with `label` in `labels` [height, width] to `out`, as x, y pairs. There
  // must be such a pixel, and all of them must lie in `box`.
  void Append(std::span<const int32_t> labels, int32_t width, int32_t label, const Box& box,
              std::vector<int32_t>& out);

 private:
  int32_t FindStart();
  void FloodPart(int32_t start);
  void Trace(int32_t start, Pixel corner, std::vector<int32_t>& out) const;

  int32_t width_, height_;     // of the box with a frame of one pixel
  std::vector<uint8_t> mask_;  // of the box with that frame
  std::vector<int32_t> stack_;
};

}  // namespace hoverslide
