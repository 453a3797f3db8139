#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/bit_plane.h"
#include "nuclei/grid.h"
#include "nuclei/label.h"

namespace hoverslide {

// A marker's piece of a row, as indices into the grid.
struct MarkerRun {
  int32_t begin, end;
  int32_t marker;  // from 1 on
};

// Step 4 in reference.h: from the pixels below the ridges to the markers that the flooding starts from.
class Markers {
 public:
  // Fills the holes of `mask` [grid], with a frame of 0: background that is not 4-connected to the frame.
  void FillHoles(BitPlane& mask, const Grid& grid);

  // Opens `mask` [grid], with a frame of 0, with OpenCV's ellipse of 5x5 (00100 / 11111 / 11111 / 11111 /
  // 00100). `beyond` is what the erosion takes to lie in the frame; the dilation takes it to be 0.
  void Open(BitPlane& mask, const Grid& grid, bool beyond);

  // Numbers the 4-connected components of at least kSmallestArea px 1..n by first pixel in raster order.
  void Number(const BitPlane& mask, const Grid& grid);

  // What Number() found: all runs in raster order, and each marker's first pixel as an index into the grid.
  std::span<const MarkerRun> runs() const { return runs_; }
  std::span<const int32_t> first() const { return first_; }

 private:
  Components components_;
  BitPlane rows_, eroded_;
  std::vector<int32_t> number_;
  std::vector<MarkerRun> runs_;
  std::vector<int32_t> first_;
};

}  // namespace hoverslide
