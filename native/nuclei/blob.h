#pragma once

#include <cstdint>
#include <span>

#include "nuclei/map_pixel.h"

namespace hoverslide {

// One connected blob with everything within kBlobMargin px of its box: all that `seamless` post-processing may see.
struct BlobWindow {
  int32_t x, y;           // top left pixel of the window in model space
  int32_t width, height;  // the blob's box grown by kBlobMargin on each side
  std::span<const MapPixel> pixels;  // [height, width]
};

}  // namespace hoverslide
