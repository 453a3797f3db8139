#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "nuclei/bit_plane.h"
#include "nuclei/blob.h"
#include "nuclei/label.h"
#include "stitch/reach.h"

namespace hoverslide {

// How patches lie in model space: patch (i, j) sees `patch` px and keeps the central `stride` px.
struct Lattice {
  int32_t patch, stride;
  int32_t width, height;  // of the slide in model px: beyond it there is only background

  int32_t margin() const { return (patch - stride) / 2; }
  Box Kept(int32_t i, int32_t j) const {
    return {i * stride, j * stride, (i + 1) * stride, (j + 1) * stride};
  }
};

// What one patch keeps: h and v, and all else where its blobs are, piece by piece.
struct Tile {
  int32_t i = 0, j = 0;
  Box box{};
  std::vector<Run> near;      // where h and v are known: at first everywhere
  std::vector<uint8_t> h, v;  // of `near`, one run behind the other
  struct Piece {
    Box box;
    int32_t first_x, first_y;  // first pixel in raster order, model space
    int32_t area;
    uint64_t blob;  // the blob that the piece belongs to, set by the stitcher
    uint32_t runs_begin, runs_end, pixels_begin;
  };
  std::vector<Piece> pieces;
  std::vector<Run> runs;         // piece by piece, of each in raster order; from the box's corner on
  std::vector<MapPixel> pixels;  // of the runs, one behind the other
  // 0 or 1 + index into `pieces` along the left, upper, right and lower side.
  std::array<std::vector<uint16_t>, 4> sides;

  // Keeps the runs and pixels of some pieces, and h and v around these and within the margin of the sides,
  // where blobs of other tiles may look: a fraction of a whole tile. Only for a tile with h and v everywhere.
  void Keep(const std::function<bool(const Piece&)>& keep, Reach& reach);

  std::span<const Run> RunsOf(const Piece& piece) const {
    return std::span(runs).subspan(piece.runs_begin, piece.runs_end - piece.runs_begin);
  }
};

// Makes tiles of patches; keeps its buffers from one to the next.
class TileMaker {
 public:
  // Cuts the kept part out of one patch of the net and labels it. `maps` is [stride, stride, 4], `rgb` the
  // patch as the net saw it, [patch, patch, 3].
  Tile Make(const Lattice& lattice, int32_t i, int32_t j, std::span<const uint8_t> maps,
            std::span<const uint8_t> rgb);

 private:
  void SplitMaps(const Lattice& lattice, std::span<const uint8_t> maps, Tile& tile);
  void AddPieces(Tile& tile);
  void AddPixels(const Lattice& lattice, std::span<const uint8_t> maps, std::span<const uint8_t> rgb,
                 Tile& tile);

  BitPlane mask_;
  Components components_;
  std::vector<uint8_t> row_;
  std::vector<uint32_t> next_;  // run of each piece that is to be placed
};

// FNV-1a over eight bytes at a time, in four lanes: tells a tile from any other that a changed net or slide
// would give.
uint64_t Checksum(const Tile& tile);

}  // namespace hoverslide
