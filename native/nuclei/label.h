#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/bit_plane.h"

namespace hoverslide {

// 4-connected components of a mask as runs of pixels in a row, joined by union-find. Keeps its buffers
// between calls.
class Components {
 public:
  struct Run {
    int32_t begin, end;  // [begin, end) as indices into the plane
    int32_t component;
  };

  // Finds the components of the pixels of `mask` [height, width], row-major, that are 1 (or 0, if
  // `of_zeros`). They are numbered from 0 by their first pixel in raster order, which is the order of runs()
  // as well.
  void Find(const BitPlane& mask, int32_t width, int32_t height, bool of_zeros = false);

  std::span<const Run> runs() const { return runs_; }
  int32_t count() const { return static_cast<int32_t>(areas_.size()); }
  int32_t area(int32_t component) const { return areas_[component]; }

 private:
  void JoinRows(size_t above, size_t here, int32_t width);
  int32_t Root(int32_t run);

  std::vector<Run> runs_;
  std::vector<int32_t> areas_;
};

}  // namespace hoverslide
