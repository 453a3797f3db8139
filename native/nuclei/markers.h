#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/grid.h"
#include "nuclei/label.h"

namespace hoverslide {

// Step 4 in reference.h: from the pixels below the ridges to the markers that the flooding starts from.
class Markers {
 public:
  // Fills the holes of `mask` [grid], 0 or 1 with a frame of 0: background that is not 4-connected to the
  // frame.
  void FillHoles(std::span<uint8_t> mask, const Grid& grid);

  // Opens `mask` [grid], 0 or 1, with OpenCV's ellipse of 5x5 (00100 / 11111 / 11111 / 11111 / 00100).
  // `beyond` is what the erosion takes to lie in the frame; the dilation takes it to be 0.
  void Open(std::span<uint8_t> mask, const Grid& grid, uint8_t beyond);

  // Labels the 4-connected components of at least kSmallestArea px 1..n by first pixel in raster order.
  // Writes to `labels` [grid] only where there is one. Gives each marker's first pixel, as an index into the
  // grid.
  std::span<const int32_t> Label(std::span<const uint8_t> mask, const Grid& grid, std::span<int32_t> labels);

 private:
  Components components_;
  std::vector<uint8_t> rows_, eroded_;
  std::vector<int32_t> first_, number_;
};

}  // namespace hoverslide
