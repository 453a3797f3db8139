#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hoverslide {

// Labels the 4-connected components of the nonzero pixels of `mask` [height, width], row-major.
// Writes 0 for background and 1..n, numbered by each component's first pixel in raster order, to `labels`
// (same shape). Returns n.
int32_t LabelComponents(std::span<const uint8_t> mask, int32_t width, int32_t height,
                        std::span<int32_t> labels);

}  // namespace hoverslide
