#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/bit_plane.h"
#include "nuclei/blob.h"

namespace hoverslide {

// What lies around pixels: all that is within kBlobMargin px of one of them, both ways. Keeps its buffers
// from one call to the next.
class Reach {
 public:
  // Of the pixels of `runs`, in any order, within a window; the result, in raster order with no two runs
  // that touch in a row, is valid until the next call.
  const std::vector<Run>& Find(std::span<const Run> runs, int32_t width, int32_t height);

 private:
  BitPlane near_, row_;
  std::vector<Run> reach_;
};

}  // namespace hoverslide
