#include "stitch/tile.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

namespace hoverslide {
namespace {

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

void Tile::Trim(const std::function<bool(const Piece&)>& keep, Neighbourhood& neighbourhood) {
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
  runs = std::vector(kept_runs);  // a copy has no spare capacity
  pixels = std::vector(kept_pixels);

  const auto side = static_cast<uint16_t>(box.width());
  const auto last = static_cast<uint16_t>(side - 1);
  for (uint16_t y = 0; y < side; ++y) {  // a blob beyond a side looks at that side's neighbourhood
    kept_runs.push_back({y, 0, y == 0 || y == last ? side : uint16_t{1}});
    kept_runs.push_back({y, last, side});
  }
  known = std::vector(neighbourhood.Find(kept_runs, side, side));
  for (std::vector<uint8_t>* plane : {&h, &v}) {
    std::vector<uint8_t> kept;
    kept.reserve(LengthOf(known));
    for (const Run& run : known) {
      const auto row = plane->begin() + static_cast<ptrdiff_t>(run.y) * side;
      kept.insert(kept.end(), row + run.begin, row + run.end);
    }
    *plane = std::move(kept);
  }
}

}  // namespace hoverslide
