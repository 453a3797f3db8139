#pragma once

#include <cstddef>
#include <cstdint>

namespace hoverslide {

// Planes of the kernels are row-major with a frame of kFrame px on every side of the pixels they are about,
// so that no step (Gaussian 3x3, opening 5x5, flooding, tracing) asks whether a neighbour exists.
inline constexpr int32_t kFrame = 2;

struct Grid {
  int32_t width, height;  // with the frame

  static Grid Framing(int32_t width, int32_t height) { return {width + 2 * kFrame, height + 2 * kFrame}; }
  size_t size() const { return static_cast<size_t>(width) * height; }
  size_t At(int32_t x, int32_t y) const { return static_cast<size_t>(y) * width + x; }
};

// A piece of a row as indices into a grid, [begin, end).
struct GridRun {
  int32_t begin, end;
};

// Blobs and markers below this many px are noise and dropped.
inline constexpr int32_t kSmallestArea = 10;

}  // namespace hoverslide
