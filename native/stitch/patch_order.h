#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "geometry/box.h"
#include "stitch/lattice.h"

namespace hoverslide {

// The patches that the net sees, in the order in which they are added. All other pixels are background.
// "Place" means an index into this order. Takes 4 bytes for each patch of the slide. Never changes.
class PatchOrder {
 public:
  // Throws std::invalid_argument if a patch is listed twice or lies beyond the slide.
  PatchOrder(const Lattice& lattice, std::vector<Patch> patches);

  const Lattice& lattice() const { return lattice_; }
  size_t size() const { return patches_.size(); }
  const Patch& operator[](size_t place) const { return patches_[place]; }
  // Returns the pixels that the patch at `place` keeps.
  Box Kept(size_t place) const { return lattice_.Kept(patches_[place]); }

  // Returns the place of a patch, kNone if the net does not see it.
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t At(int32_t i, int32_t j) const {
    return i < 0 || j < 0 || i >= columns_ || j >= rows_ ? kNone : places_[IndexOf(i, j)];
  }

  // Calls visit(place) for every patch that keeps a pixel of `box`, row by row.
  template <typename Visit>
  void ForEach(const Box& box, Visit visit) const {
    const int32_t side = lattice_.stride;
    for (int32_t j = FloorDivide(box.y0, side); j <= FloorDivide(box.y1 - 1, side); ++j) {
      for (int32_t i = FloorDivide(box.x0, side); i <= FloorDivide(box.x1 - 1, side); ++i) {
        if (const uint32_t place = At(i, j); place != kNone) visit(place);
      }
    }
  }

  // Returns the last place of a patch that keeps a pixel of `box`, nothing if there is none.
  std::optional<uint32_t> Last(const Box& box) const;

 private:
  size_t IndexOf(int32_t i, int32_t j) const { return static_cast<size_t>(j) * columns_ + i; }

  Lattice lattice_;
  std::vector<Patch> patches_;
  int32_t columns_, rows_;        // of the slide's lattice
  std::vector<uint32_t> places_;  // [rows, columns]
};

}  // namespace hoverslide
