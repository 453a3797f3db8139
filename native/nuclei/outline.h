#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/grid.h"

namespace hoverslide {

// Rings along pixel edges around the regions of a label plane.
//
// A region is 4-connected; where two of its pixels meet at a corner only, the ring passes from one to the
// other. So a ring is the border between the region and one 4-connected component of what it leaves free: it
// never touches itself, and a hole that meets the shell or another hole does so in single points, which makes
// a valid polygon. The shell has a positive area by the shoelace formula in (x, y) (clockwise on a screen,
// where y points down), holes a negative one.
class Outlines {
 public:
  struct Ring {
    int32_t label;
    uint32_t start, end;  // vertices
  };

  // Traces all rings of the positive `labels` [grid] in the order of their first edge along a pixel's upper
  // side, in raster order: a region's shell comes before its holes. Vertices are corners only (none between
  // two edges in line), in grid coordinates (pixel x covers [x, x + 1)), the first repeated at the end.
  // All of the positive ones lie in `runs`, which come in raster order.
  void Trace(std::span<const int32_t> labels, const Grid& grid, std::span<const GridRun> runs);

  std::span<const Ring> rings() const { return rings_; }
  // [x, y, x, y, ...]
  std::span<const int32_t> vertices(const Ring& ring) const {
    return std::span(vertices_).subspan(2 * size_t{ring.start}, 2 * size_t{ring.end - ring.start});
  }

 private:
  void TraceRing(const int32_t* labels, const Grid& grid, int32_t start);

  std::vector<uint8_t> seen_;  // the pixel's upper side lies on a ring that has been traced
  std::vector<Ring> rings_;
  std::vector<int32_t> vertices_;
};

}  // namespace hoverslide
