#include "stitch/tile.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "nuclei/clones.h"

namespace hoverslide {
namespace {

// From interleaved maps to whether each pixel is of a blob (np = floor(256 p), so p >= 0.5 is 128 and more),
// h and v.
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

// Four maps and three colours, in as few words as they make.
MapPixel PixelOf(const uint8_t* map, const uint8_t* colour) {
  uint32_t low;
  uint16_t red_green;
  std::memcpy(&low, map, sizeof(low));
  std::memcpy(&red_green, colour, sizeof(red_green));
  return std::bit_cast<MapPixel>(low | uint64_t{red_green} << 32 | uint64_t{colour[2]} << 48);
}

class Hash {
 public:
  template <typename T>
  void Add(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
    const size_t size = values.size_bytes();
    size_t i = 0;
    for (; i + 32 <= size; i += 32) {
      for (size_t lane = 0; lane < 4; ++lane) AddWord(lane, bytes + i + 8 * lane, 8);
    }
    for (size_t lane = 0; i < size; i += 8, ++lane) AddWord(lane, bytes + i, std::min<size_t>(8, size - i));
  }
  uint64_t Value() const {
    uint64_t hash = 0;
    for (const uint64_t lane : lanes_) hash = (hash ^ lane) * kPrime;
    return hash;
  }

 private:
  void AddWord(size_t lane, const uint8_t* bytes, size_t size) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, size);
    lanes_[lane] = (lanes_[lane] ^ word) * kPrime;
  }

  static constexpr uint64_t kPrime = 0x100000001b3;
  std::array<uint64_t, 4> lanes_{0xcbf29ce484222325, 1, 2, 3};
};

}  // namespace

uint64_t Checksum(const Tile& tile) {
  Hash hash;
  hash.Add(std::span(tile.h));
  hash.Add(std::span(tile.v));
  hash.Add(std::span(tile.runs));
  hash.Add(std::span(tile.pixels));
  return hash.Value();
}

void Tile::Keep(const std::function<bool(const Piece&)>& keep, Reach& reach) {
  std::vector<Run> kept_runs;
  std::vector<MapPixel> kept_pixels;
  for (Piece& piece : pieces) {
    const std::span<const Run> of_piece = keep(piece) ? RunsOf(piece) : std::span<const Run>();
    const auto from = pixels.begin() + piece.pixels_begin;
    piece.runs_begin = static_cast<uint32_t>(kept_runs.size());
    piece.pixels_begin = static_cast<uint32_t>(kept_pixels.size());
    kept_runs.insert(kept_runs.end(), of_piece.begin(), of_piece.end());
    kept_pixels.insert(kept_pixels.end(), from, from + static_cast<ptrdiff_t>(LengthOf(of_piece)));
    piece.runs_end = static_cast<uint32_t>(kept_runs.size());
  }
  runs = std::vector(kept_runs);  // no more memory than it takes
  pixels = std::vector(kept_pixels);

  const auto side = static_cast<uint16_t>(box.width());
  const auto last = static_cast<uint16_t>(side - 1);
  for (uint16_t y = 0; y < side; ++y) {  // what a blob beyond the frame sees lies around it, too
    kept_runs.push_back({y, 0, y == 0 || y == last ? side : uint16_t{1}});
    kept_runs.push_back({y, last, side});
  }
  near = std::vector(reach.Find(kept_runs, side, side));
  for (std::vector<uint8_t>* plane : {&h, &v}) {
    std::vector<uint8_t> kept;
    kept.reserve(LengthOf(near));
    for (const Run& run : near) {
      const auto row = plane->begin() + static_cast<ptrdiff_t>(run.y) * side;
      kept.insert(kept.end(), row + run.begin, row + run.end);
    }
    *plane = std::move(kept);
  }
}

Tile TileMaker::Make(const Lattice& lattice, int32_t i, int32_t j, std::span<const uint8_t> maps,
                     std::span<const uint8_t> rgb) {
  Tile tile;
  tile.i = i;
  tile.j = j;
  tile.box = lattice.Kept(i, j);
  SplitMaps(lattice, maps, tile);
  components_.Find(mask_, lattice.stride, lattice.stride);
  AddPieces(tile);
  AddPixels(lattice, maps, rgb, tile);
  return tile;
}

// Beyond the slide the net saw background colour; whatever it made of that is not tissue.
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
    tile.near.push_back({static_cast<uint16_t>(y), 0, static_cast<uint16_t>(side)});
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
  const size_t count = components_.count();  // 256 x 256 has at most 32,768
  tile.pieces.assign(count, {{INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN}, -1, -1, 0, 0, 0, 0, 0});
  for (std::vector<uint16_t>& labels : tile.sides) labels.assign(side, 0);
  auto& [left, upper, right, lower] = tile.sides;
  for (const Components::Run& run : components_.runs()) {
    Tile::Piece& piece = tile.pieces[run.component];
    const auto label = static_cast<uint16_t>(run.component + 1);
    const int32_t y = run.begin / side;
    const int32_t begin = run.begin - y * side;
    const int32_t end = run.end - y * side;
    if (piece.area == 0) {
      piece.first_x = tile.box.x0 + begin;
      piece.first_y = piece.box.y0 = tile.box.y0 + y;
    }
    ++piece.runs_end;  // for now their number
    piece.area += end - begin;
    piece.box.x0 = std::min(piece.box.x0, tile.box.x0 + begin);
    piece.box.x1 = std::max(piece.box.x1, tile.box.x0 + end);
    piece.box.y1 = tile.box.y0 + y + 1;
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
  next_.clear();
  for (Tile::Piece& piece : tile.pieces) {
    next_.push_back(runs);
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
    tile.runs[next_[run.component]++] = {static_cast<uint16_t>(y), static_cast<uint16_t>(begin),
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
