#include "stitch/saved_state.h"

#include <bit>
#include <cstring>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hoverslide {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint32_t kFormat = 0x32535348;  // "HSS2"

class Writer {
 public:
  template <typename T>
  void Put(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.resize(bytes_.size() + sizeof(T));
    std::memcpy(bytes_.data() + bytes_.size() - sizeof(T), &value, sizeof(T));
  }
  std::vector<uint8_t> Take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  template <typename T>
  T Get() {
    if (bytes_.size() < sizeof(T)) throw std::runtime_error("saved stitcher state ends early");
    T value;
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_ = bytes_.subspan(sizeof(T));
    return value;
  }
  bool AtEnd() const { return bytes_.empty(); }

 private:
  std::span<const uint8_t> bytes_;
};

}  // namespace

void RequireFit(bool condition) {
  if (!condition) throw std::runtime_error("saved stitcher state does not fit this slide's patches");
}

std::vector<uint8_t> Encode(const SavedState& state) {
  Writer out;
  out.Put(kFormat);
  out.Put(state.patches);
  out.Put(state.position);
  out.Put(state.giant_blobs);
  out.Put(static_cast<uint32_t>(state.blobs.size()));
  for (const SavedState::Blob& blob : state.blobs) {
    out.Put(blob.box);
    out.Put(blob.first);
    out.Put(blob.area);
    out.Put(static_cast<uint8_t>(blob.giant));
  }
  out.Put(static_cast<uint32_t>(state.tiles.size()));
  for (const SavedState::SavedTile& tile : state.tiles) {
    out.Put(tile.place);
    out.Put(tile.checksum);
    out.Put(static_cast<uint32_t>(tile.blobs.size()));
    for (const uint32_t blob : tile.blobs) out.Put(blob);
  }
  return out.Take();
}

SavedState Decode(std::span<const uint8_t> bytes) {
  Reader in(bytes);
  RequireFit(in.Get<uint32_t>() == kFormat);
  SavedState state{};
  state.patches = in.Get<uint64_t>();
  state.position = in.Get<uint64_t>();
  state.giant_blobs = in.Get<int64_t>();
  for (auto count = in.Get<uint32_t>(); count > 0; --count) {
    SavedState::Blob& blob = state.blobs.emplace_back();
    blob.box = in.Get<Box>();
    blob.first = in.Get<Pixel>();
    blob.area = in.Get<int64_t>();
    blob.giant = in.Get<uint8_t>() != 0;
  }
  for (auto count = in.Get<uint32_t>(); count > 0; --count) {
    SavedState::SavedTile& tile = state.tiles.emplace_back();
    tile.place = in.Get<uint32_t>();
    tile.checksum = in.Get<uint64_t>();
    for (auto pieces = in.Get<uint32_t>(); pieces > 0; --pieces) tile.blobs.push_back(in.Get<uint32_t>());
  }
  RequireFit(in.AtEnd());
  return state;
}

}  // namespace hoverslide
