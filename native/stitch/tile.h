#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "geometry/box.h"
#include "nuclei/blob.h"
#include "stitch/neighbourhood.h"

namespace hoverslide {

// Names a blob for as long as it is not complete.
using BlobId = uint64_t;

// The part of a map that one patch keeps: h and v, and all channels where its blobs are, piece by piece.
// Runs count from the corner of `box`; boxes and first pixels are in model space, in px.
struct Tile {
  // A connected piece of a blob within the tile.
  struct Piece {
    Box box;
    Pixel first;  // in raster order
    int32_t area;
    BlobId blob;  // the blob that it belongs to, set by the stitcher
    uint32_t runs_begin, runs_end, pixels_begin;
  };
  // Sides in the order of `sides`; the opposite of side k is k ^ 2.
  enum Side { kLeft, kUpper, kRight, kLower };

  Box box{};
  std::vector<Run> known;     // where h and v are known: everywhere, until Trim
  std::vector<uint8_t> h, v;  // of `known`, one run after the other
  std::vector<Piece> pieces;
  std::vector<Run> runs;         // of each piece in raster order, one piece after the other
  std::vector<MapPixel> pixels;  // of `runs`, one run after the other
  // Along each side, for each pixel 0 or 1 + the index of its piece.
  std::array<std::vector<uint32_t>, 4> sides;

  std::span<const Run> RunsOf(const Piece& piece) const {
    return std::span(runs).subspan(piece.runs_begin, piece.runs_end - piece.runs_begin);
  }

  // Keeps the runs and pixels of the pieces that `keep` chooses, and h and v in the neighbourhood of these
  // and of the sides, where blobs of other tiles may look: a fraction of the memory. Call once at most.
  void Trim(const std::function<bool(const Piece&)>& keep, Neighbourhood& neighbourhood);
};

// Calls visit(piece of `here`, piece of `there`) for each pair of pixels that touch across `side` of `here`,
// where `there` is the neighbour on that side.
template <typename Visit>
void ForEachTouching(const Tile& here, Tile::Side side, const Tile& there, Visit visit) {
  const std::vector<uint32_t>& own = here.sides[side];
  const std::vector<uint32_t>& other = there.sides[side ^ 2];
  for (size_t k = 0; k < own.size(); ++k) {
    if (own[k] != 0 && other[k] != 0) visit(here.pieces[own[k] - 1], there.pieces[other[k] - 1]);
  }
}

// Hashes h, v, runs and pixels (FNV-1a over eight bytes at a time, in four lanes), to tell a tile from any
// other that a changed net or slide would make.
uint64_t Checksum(const Tile& tile);

}  // namespace hoverslide
