#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/blob.h"

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

// What one patch keeps, with its blobs' pieces labelled.
struct Tile {
  int32_t i = 0, j = 0;
  Box box{};                     // what the patch keeps
  Box held{};                    // the part of it that is still there: all of it at first
  std::vector<MapPixel> pixels;  // [held.height(), held.width()]
  std::vector<uint16_t> labels;  // the same, 0 or 1 + index into `pieces`
  struct Piece {
    Box box;
    int32_t first_x, first_y;  // first pixel in raster order, model space
    int32_t area;
    uint64_t blob;  // the blob that the piece belongs to, set by the stitcher
  };
  std::vector<Piece> pieces;

  // Place of a pixel of the held part in `pixels` and `labels`.
  size_t At(int32_t x, int32_t y) const {
    return static_cast<size_t>(y - held.y0) * held.width() + (x - held.x0);
  }
  uint16_t LabelAt(int32_t x, int32_t y) const { return labels[At(x, y)]; }

  // Lets go of all pixels but those of `part`, which must lie within the held part.
  void Shrink(const Box& part);
};

// Cuts the kept part out of one patch of the net and labels it. `maps` is [stride, stride, 4], `rgb` the
// patch as the net saw it, [patch, patch, 3].
// `used` gives its memory to the new tile.
Tile MakeTile(const Lattice& lattice, int32_t i, int32_t j, std::span<const uint8_t> maps,
              std::span<const uint8_t> rgb, Tile used = {});

// FNV-1a over eight bytes at a time, in four lanes: tells a tile from any other that a changed net or slide
// would give.
uint64_t Checksum(const Tile& tile);

}  // namespace hoverslide
