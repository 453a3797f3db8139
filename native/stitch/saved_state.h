#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "geometry/box.h"

namespace hoverslide {

// All state of a stitcher but the tiles' pixels, which the net can make again.
struct SavedState {
  struct Blob {
    Box box;
    Pixel first;
    int64_t area;
    bool giant;
  };
  struct SavedTile {
    uint32_t place;
    uint64_t checksum;
    std::vector<uint32_t> blobs;  // of each piece, 1 + the index of its blob, or 0 if that is complete
  };

  uint64_t patches;   // in the order of patches
  uint64_t position;  // how many of them were added
  int64_t giant_blobs;
  std::vector<Blob> blobs;
  std::vector<SavedTile> tiles;
};

// Writes a state as little-endian integers, for a journal.
std::vector<uint8_t> Encode(const SavedState& state);

// Reads what Encode wrote. Throws std::runtime_error if the bytes are of another format, or too few or too
// many. Does not check that the numbers fit a slide.
SavedState Decode(std::span<const uint8_t> bytes);

// Throws std::runtime_error, saying that a state does not fit, unless the condition is true.
void RequireFit(bool condition);

}  // namespace hoverslide
