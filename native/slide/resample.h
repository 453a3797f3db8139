// Resampling in global coordinates: output pixel x covers the source interval [x * scale, (x + 1) * scale),
// and its value depends on x and the source alone, never on the rectangle it is computed with.
#pragma once

#include <cstdint>
#include <span>

namespace hoverslide {

struct PixelRange {
  int64_t begin, end;
};

struct PixelRect {
  PixelRange x, y;
};

// Source pixels that output pixels [begin, end) are made of, at `scale` source pixels per output pixel.
PixelRange SourceRange(PixelRange output, double scale);

// Computes `output` (RGB, [height, width, 3]) from `source`, the RGB pixels of `source_rect`, which must
// contain SourceRange of both axes. A triangle filter in fixed point: bilinear interpolation where scale <=
// 1, and widened by `scale` against aliasing above. Throws std::invalid_argument if a size does not fit.
void Resample(std::span<const uint8_t> source, PixelRect source_rect, double scale, PixelRect output_rect,
              std::span<uint8_t> output);

}  // namespace hoverslide
