#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/bit_plane.h"
#include "nuclei/label.h"
#include "stitch/lattice.h"
#include "stitch/tile.h"

namespace hoverslide {

// Makes tiles of the net's patches. Owns scratch buffers that it uses again from one tile to the next; not
// thread-safe.
class TileMaker {
 public:
  // Cuts the kept part out of one patch and labels it. `maps` is [stride, stride, 4]; `rgb` is the patch as
  // the net saw it, [patch, patch, 3]. Pixels beyond the slide become background.
  Tile Make(const Lattice& lattice, Patch patch, std::span<const uint8_t> maps, std::span<const uint8_t> rgb);

 private:
  void SplitMaps(const Lattice& lattice, std::span<const uint8_t> maps, Tile& tile);
  void AddPieces(Tile& tile);
  void AddPixels(const Lattice& lattice, std::span<const uint8_t> maps, std::span<const uint8_t> rgb,
                 Tile& tile);

  BitPlane mask_;
  Components components_;
  std::vector<uint8_t> row_;
  std::vector<uint32_t> next_run_;  // of each piece: where its next run belongs
};

}  // namespace hoverslide
