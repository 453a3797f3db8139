#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hoverslide {

// A region's outer border as OpenCV's findContours gives it (Suzuki and Abe 1985, CHAIN_APPROX_SIMPLE):
// 8-connected, through pixel centres, so that polygons come out too small; for comparing with other tools.
// Counter-clockwise on a screen from the first pixel in raster order, without points in line, not closed. Of
// several 8-connected parts it is the one whose first pixel comes last, as contours[0] in the reference code,
// parts within holes of others left aside.
class Contours {
 public:
  // The border of the pixels with `label` in `labels` [height, width]. All of them must lie in the box [x0,
  // x1) by [y0, y1), and there must be one. Appends x, y pairs to `out`.
  void Append(std::span<const int32_t> labels, int32_t width, int32_t label, int32_t x0, int32_t y0,
              int32_t x1, int32_t y1, std::vector<int32_t>& out);

 private:
  int32_t FindStart();
  void FloodPart(int32_t start);
  void Trace(int32_t start, int32_t x0, int32_t y0, std::vector<int32_t>& out) const;

  int32_t width_, height_;     // of the box with a frame of one pixel
  std::vector<uint8_t> mask_;  // of the box with that frame
  std::vector<int32_t> stack_;
};

}  // namespace hoverslide
