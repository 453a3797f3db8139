#pragma once

#include <cstdint>
#include <span>

#include "nuclei/grid.h"

namespace hoverslide {

// Heights of the flooding (steps 2 and 3 in reference.h) as integers. A ridge, 1 - a normalised gradient in
// float32, is a whole number of 2^-24 (the gradient lies in 0..1, but for a rounding); smoothed by [1 2 1]/4
// each way it is one of 2^-28: nothing is ever rounded.
inline constexpr int32_t kOne = 1 << 24;

// The smallest ridge that is at least HoVer-Net's 0.4; pixels below it are marker.
inline constexpr int32_t kMarkerRidge = 6710887;  // ceil(0.4 * 2^24)

// 1 - gradient, in 2^-24.
inline int32_t RidgeOf(float gradient) {
  return static_cast<int32_t>((1.0f - gradient) * static_cast<float>(kOne));
}

// Smooths depths (1 - ridge inside the mask, 0 outside, in 2^-24) by [1 2 1] each way and turns them upside
// down: levels [grid] in 2^-28 above the deepest possible, 0..2^28, of the pixels in `runs`, none in the
// frame. Up to 7 pixels behind a run are written too, unless a run that comes later holds them.
void LevelsOf(std::span<const int32_t> depth, const Grid& grid, std::span<const GridRun> runs,
              std::span<int32_t> level);

}  // namespace hoverslide
