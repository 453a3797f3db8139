#include "stitch/tile.h"

#include <algorithm>
#include <utility>

#include "nuclei/label.h"

namespace hoverslide {
namespace {

constexpr uint8_t kBlobThreshold = 128;  // np = floor(256 p), so this is p >= 0.5

}  // namespace

void Tile::Shrink(const Box& part) {
  std::vector<MapPixel> fewer_pixels;
  std::vector<uint16_t> fewer_labels;
  const size_t count = static_cast<size_t>(part.width()) * part.height();
  fewer_pixels.reserve(count);
  fewer_labels.reserve(count);
  for (int32_t y = part.y0; y < part.y1; ++y) {
    const size_t from = At(part.x0, y);
    fewer_pixels.insert(fewer_pixels.end(), pixels.begin() + from, pixels.begin() + from + part.width());
    fewer_labels.insert(fewer_labels.end(), labels.begin() + from, labels.begin() + from + part.width());
  }
  pixels = std::move(fewer_pixels);
  labels = std::move(fewer_labels);
  held = part;
}

uint64_t Checksum(const Tile& tile) {
  constexpr uint64_t kPrime = 0x100000001b3;
  uint64_t lanes[4] = {0xcbf29ce484222325, 1, 2, 3};
  for (size_t i = 0; i < tile.pixels.size(); ++i)
    lanes[i % 4] = (lanes[i % 4] ^ WordOf(tile.pixels[i])) * kPrime;
  uint64_t hash = 0;
  for (const uint64_t lane : lanes) hash = (hash ^ lane) * kPrime;
  return hash;
}

Tile MakeTile(const Lattice& lattice, int32_t i, int32_t j, std::span<const uint8_t> maps,
              std::span<const uint8_t> rgb, Tile used) {
  const int32_t side = lattice.stride;
  Tile tile = std::move(used);
  tile.i = i;
  tile.j = j;
  tile.box = tile.held = lattice.Kept(i, j);
  const size_t count = static_cast<size_t>(side) * side;
  tile.pixels.resize(count);
  std::vector<uint8_t> mask(count, 0);

  // Beyond the slide the net saw background colour; whatever it made of that is not tissue.
  const int32_t columns = std::clamp(lattice.width - tile.box.x0, 0, side);
  const int32_t rows = std::clamp(lattice.height - tile.box.y0, 0, side);
  if (rows < side || columns < side) std::fill(tile.pixels.begin(), tile.pixels.end(), MapPixel{});
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

  Components components;
  components.Find(mask, side, side);
  tile.labels.assign(count, 0);  // 192 x 192 has at most 18,432 components
  tile.pieces.assign(components.count(), {{INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN}, -1, -1, 0, 0});
  for (const Components::Run& run : components.runs()) {
    std::fill(tile.labels.begin() + run.begin, tile.labels.begin() + run.end,
              static_cast<uint16_t>(run.component + 1));
    const int32_t x = tile.box.x0 + run.begin % side;
    const int32_t y = tile.box.y0 + run.begin / side;
    Tile::Piece& piece = tile.pieces[run.component];
    if (piece.area == 0) piece.first_x = x, piece.first_y = y;
    piece.area += run.end - run.begin;
    piece.box = {std::min(piece.box.x0, x), std::min(piece.box.y0, y),
                 std::max(piece.box.x1, x + run.end - run.begin), std::max(piece.box.y1, y + 1)};
  }
  return tile;
}

}  // namespace hoverslide
