#include "stitch/tile.h"

#include <algorithm>
#include <cstring>

#include "nuclei/label.h"

namespace hoverslide {
namespace {

constexpr uint8_t kBlobThreshold = 128;  // np = floor(256 p), so this is p >= 0.5

}  // namespace

uint64_t Checksum(const Tile& tile) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const MapPixel& pixel : tile.pixels) {
    uint64_t word;
    std::memcpy(&word, &pixel, sizeof(word));
    hash = (hash ^ word) * 0x100000001b3;
  }
  return hash;
}

Tile MakeTile(const Lattice& lattice, int32_t i, int32_t j, std::span<const uint8_t> maps,
              std::span<const uint8_t> rgb) {
  const int32_t side = lattice.stride;
  Tile tile;
  tile.i = i;
  tile.j = j;
  tile.box = lattice.Kept(i, j);
  const size_t count = static_cast<size_t>(side) * side;
  tile.pixels.resize(count);
  std::vector<uint8_t> mask(count, 0);

  // Beyond the slide the net saw background colour; whatever it made of that is not tissue.
  const int32_t columns = std::clamp(lattice.width - tile.box.x0, 0, side);
  const int32_t rows = std::clamp(lattice.height - tile.box.y0, 0, side);
  for (int32_t y = 0; y < rows; ++y) {
    const uint8_t* map = maps.data() + static_cast<size_t>(y) * side * 4;
    const uint8_t* colour =
        rgb.data() + (static_cast<size_t>(y + lattice.margin()) * lattice.patch + lattice.margin()) * 3;
    MapPixel* pixel = tile.pixels.data() + static_cast<size_t>(y) * side;
    uint8_t* in = mask.data() + static_cast<size_t>(y) * side;
    for (int32_t x = 0; x < columns; ++x, map += 4, colour += 3) {
      pixel[x] = {map[0], map[1], map[2], map[3], colour[0], colour[1], colour[2], 0};
      in[x] = map[0] >= kBlobThreshold;
    }
  }

  std::vector<int32_t> labels(count);
  const int32_t pieces = LabelComponents(mask, side, side, labels);
  tile.labels.assign(labels.begin(), labels.end());  // 192 x 192 has at most 18,432 components
  tile.pieces.assign(pieces, {{side, side, 0, 0}, -1, -1, 0, 0});
  for (int32_t y = 0; y < rows; ++y) {
    for (int32_t x = 0; x < columns; ++x) {
      const int32_t label = labels[static_cast<size_t>(y) * side + x];
      if (label == 0) continue;
      Tile::Piece& piece = tile.pieces[label - 1];
      if (piece.area++ == 0) piece.first_x = tile.box.x0 + x, piece.first_y = tile.box.y0 + y;
      piece.box = {std::min(piece.box.x0, x), std::min(piece.box.y0, y), std::max(piece.box.x1, x + 1),
                   std::max(piece.box.y1, y + 1)};
    }
  }
  for (Tile::Piece& piece : tile.pieces) {
    piece.box.x0 += tile.box.x0, piece.box.x1 += tile.box.x0;
    piece.box.y0 += tile.box.y0, piece.box.y1 += tile.box.y0;
  }
  return tile;
}

}  // namespace hoverslide
