#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/bit_plane.h"
#include "nuclei/blob.h"

namespace hoverslide {

// Finds the neighbourhood of pixels: all that lie within kBlobMargin px, in x and in y, of one of them. Owns
// scratch buffers that it uses again from one call to the next; not thread-safe.
class Neighbourhood {
 public:
  // Finds that of the pixels of `runs`, in any order, within a window of `width` by `height` px. The result
  // is in raster order, with no two runs that touch in a row, and valid until the next call.
  const std::vector<Run>& Find(std::span<const Run> runs, int32_t width, int32_t height);

 private:
  BitPlane near_, row_;
  std::vector<Run> found_;
};

}  // namespace hoverslide
