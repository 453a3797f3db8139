#pragma once

#include <cstdint>
#include <vector>

#include "geometry/box.h"
#include "stitch/tile.h"

namespace hoverslide {

// Names a piece of a tile: the tile's place in the order of patches, and 1 + the piece's index there.
struct PieceRef {
  uint32_t place;
  uint32_t label;
};

// What is known so far of a blob that is not complete, in model space.
struct OpenBlob {
  Box box;
  Pixel first;  // in raster order
  int64_t area;
  std::vector<PieceRef> pieces;

  // Adds all that is known of another part of the same blob.
  void Absorb(const OpenBlob& other) {
    box = Joined(box, other.box);
    if (IsBefore(other.first, first)) first = other.first;
    area += other.area;
    pieces.insert(pieces.end(), other.pieces.begin(), other.pieces.end());
  }
};

}  // namespace hoverslide
