#pragma once

#include <cstdint>

#include "geometry/box.h"

namespace hoverslide {

// A patch of the lattice by its column and row.
struct Patch {
  int32_t i, j;
};

// The largest square that a patch may keep, in px. A tile of it, and what is made from it on the way, takes
// some 20 MB until its neighbours are there.
inline constexpr int32_t kLargestStride = 1024;

// How patches lie in model space, in px: patch (i, j) sees `patch` px each way and keeps the central `stride`
// px, so that every pixel is kept by exactly one patch.
struct Lattice {
  int32_t patch, stride;
  int32_t width, height;  // of the slide; beyond it there is only background

  // Width of the border that a patch sees and does not keep.
  int32_t margin() const { return (patch - stride) / 2; }
  // Returns the pixels that a patch keeps.
  Box Kept(Patch patch) const {
    return {patch.i * stride, patch.j * stride, (patch.i + 1) * stride, (patch.j + 1) * stride};
  }
};

}  // namespace hoverslide
