#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hoverslide {

// A mask's outline: a polygon for each 4-connected component, ordered by their first pixels in raster order.
// Rings of a polygon come one behind the other, the shell first; they run as Outlines has them.
struct MaskOutline {
  std::vector<int32_t> vertices;       // x y interleaved, in pixel edges; the first of a ring is repeated
  std::vector<uint32_t> ring_start;    // [rings + 1] in vertices
  std::vector<uint32_t> polygon_ring;  // [polygons + 1] in rings
};

// Traces the nonzero pixels of `mask` [height, width], row-major.
MaskOutline OutlineMask(std::span<const uint8_t> mask, int32_t width, int32_t height);

}  // namespace hoverslide
