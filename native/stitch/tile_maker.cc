#include "stitch/tile_maker.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "nuclei/clones.h"

namespace hoverslide {
namespace {

// Splits interleaved maps into whether each pixel is of a blob (np = floor(256 p), so p >= 0.5 is 128 and
// more), h and v.
HOVERSLIDE_CLONES
void SplitRow(const uint8_t* maps, int32_t count, uint8_t* __restrict in, uint8_t* __restrict h,
              uint8_t* __restrict v) {
  for (int32_t x = 0; x < count; ++x) {
    uint32_t word;
    std::memcpy(&word, maps + 4 * x, sizeof(word));
    in[x] = static_cast<uint8_t>(word >> 7 & 1);
    h[x] = static_cast<uint8_t>(word >> 8);
    v[x] = static_cast<uint8_t>(word >> 16);
  }
}

// Packs four maps and three colours, with as few reads as possible.
MapPixel PixelOf(const uint8_t* map, const uint8_t* colour) {
  uint32_t low;
  uint16_t red_green;
  std::memcpy(&low, map, sizeof(low));
  std::memcpy(&red_green, colour, sizeof(red_green));
  return std::bit_cast<MapPixel>(low | uint64_t{red_green} << 32 | uint64_t{colour[2]} << 48);
}

}  // namespace

Tile TileMaker::Make(const Lattice& lattice, Patch patch, std::span<const uint8_t> maps,
                     std::span<const uint8_t> rgb) {
  Tile tile;
  tile.box = lattice.Kept(patch);
  SplitMaps(lattice, maps, tile);
  components_.Find(mask_, lattice.stride, lattice.stride);
  AddPieces(tile);
  AddPixels(lattice, maps, rgb, tile);
  return tile;
}

// Beyond the slide the net saw background colour: whatever it found there is not tissue.
void TileMaker::SplitMaps(const Lattice& lattice, std::span<const uint8_t> maps, Tile& tile) {
  const auto side = static_cast<size_t>(lattice.stride);
  const int32_t columns = std::clamp(lattice.width - tile.box.x0, 0, lattice.stride);
  const int32_t rows = std::clamp(lattice.height - tile.box.y0, 0, lattice.stride);
  for (std::vector<uint8_t>* plane : {&tile.h, &tile.v}) {
    plane->resize(side * side);
    if (rows < lattice.stride || columns < lattice.stride) {
      std::fill(plane->begin(), plane->end(), MapPixel{}.h);
    }
  }
  for (int32_t y = 0; y < lattice.stride; ++y) {
    tile.known.push_back({static_cast<uint16_t>(y), 0, static_cast<uint16_t>(side)});
  }
  mask_.Clear(side * side);
  row_.resize(side + 8);
  for (int32_t y = 0; y < rows; ++y) {
    const size_t start = y * side;
    SplitRow(maps.data() + 4 * start, columns, row_.data(), tile.h.data() + start, tile.v.data() + start);
    mask_.SetBytes(start, row_.data(), columns);
  }
}

void TileMaker::AddPieces(Tile& tile) {
  const int32_t side = tile.box.width();
  const size_t count = components_.count();
  tile.pieces.assign(count, {kEmptyBox, {-1, -1}, 0, 0, 0, 0, 0});
  for (std::vector<uint32_t>& labels : tile.sides) labels.assign(side, 0);
  auto& [left, upper, right, lower] = tile.sides;
  for (const Components::Run& run : components_.runs()) {
    Tile::Piece& piece = tile.pieces[run.component];
    const auto label = static_cast<uint32_t>(run.component + 1);
    const int32_t y = run.begin / side;
    const int32_t begin = run.begin - y * side;
    const int32_t end = run.end - y * side;
    const Box row{tile.box.x0 + begin, tile.box.y0 + y, tile.box.x0 + end, tile.box.y0 + y + 1};
    if (piece.area == 0) piece.first = {row.x0, row.y0};
    ++piece.runs_end;  // for now the number of runs
    piece.area += end - begin;
    piece.box = Joined(piece.box, row);
    if (begin == 0) left[y] = label;
    if (end == side) right[y] = label;
    if (y == 0) std::fill(upper.begin() + begin, upper.begin() + end, label);
    if (y == side - 1) std::fill(lower.begin() + begin, lower.begin() + end, label);
  }
}

void TileMaker::AddPixels(const Lattice& lattice, std::span<const uint8_t> maps, std::span<const uint8_t> rgb,
                          Tile& tile) {
  uint32_t runs = 0;
  uint32_t pixels = 0;
  next_run_.clear();
  for (Tile::Piece& piece : tile.pieces) {
    next_run_.push_back(runs);
    piece.runs_begin = runs;
    piece.pixels_begin = pixels;
    runs = piece.runs_end += runs;
    pixels += piece.area;
  }
  tile.runs.resize(runs);
  tile.pixels.resize(pixels);
  const int32_t side = lattice.stride;
  for (const Components::Run& run : components_.runs()) {
    const int32_t y = run.begin / side;
    const int32_t begin = run.begin - y * side;
    const int32_t end = run.end - y * side;
    tile.runs[next_run_[run.component]++] = {static_cast<uint16_t>(y), static_cast<uint16_t>(begin),
                                             static_cast<uint16_t>(end)};
  }
  MapPixel* pixel = tile.pixels.data();
  for (const Run& run : tile.runs) {
    const uint8_t* map = maps.data() + 4 * (static_cast<size_t>(run.y) * side + run.begin);
    const uint8_t* colour = rgb.data() + 3 * (static_cast<size_t>(run.y + lattice.margin()) * lattice.patch +
                                              lattice.margin() + run.begin);
    for (int32_t k = run.length(); k > 0; --k, ++pixel, map += 4, colour += 3) *pixel = PixelOf(map, colour);
  }
}

}  // namespace hoverslide
