#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "stitch/tile.h"

namespace hoverslide {

struct Patch {
  int32_t i, j;
};

// At which place of the run each patch of the slide comes: a grid of 4 bytes per patch, so that a slide of
// any size takes little.
class PatchIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // Throws std::invalid_argument if a patch of `run` is listed twice or lies beyond the slide.
  PatchIndex(const Lattice& lattice, std::span<const Patch> run);

  // kNone for patches that do not run, on the slide or not.
  uint32_t At(int32_t i, int32_t j) const {
    return i < 0 || j < 0 || i >= columns_ || j >= rows_ ? kNone : places_[PlaceOf(i, j)];
  }

 private:
  size_t PlaceOf(int32_t i, int32_t j) const { return static_cast<size_t>(j) * columns_ + i; }

  int32_t columns_, rows_;
  std::vector<uint32_t> places_;
};

}  // namespace hoverslide
