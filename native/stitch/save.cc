// The stitcher's state for a journal: little-endian integers, no pixels.
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <type_traits>

#include "stitch/stitcher.h"

namespace hoverslide {
namespace {

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

void Require(bool holds) {
  if (!holds) throw std::runtime_error("saved stitcher state does not fit this slide's patches");
}

}  // namespace

std::vector<uint8_t> Stitcher::Save() const {
  std::vector<BlobId> ids;
  for (const auto& [id, blob] : blobs_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  std::unordered_map<BlobId, uint32_t> number;  // 0: a blob that was given out
  Writer out;
  out.Put(kFormat);
  out.Put(static_cast<uint64_t>(run_.size()));
  out.Put(static_cast<uint64_t>(position_));
  out.Put(cut_blobs_);
  out.Put(static_cast<uint32_t>(ids.size()));
  for (const BlobId id : ids) {
    const Blob& blob = blobs_.at(id);
    number.emplace(id, static_cast<uint32_t>(number.size() + 1));
    out.Put(blob.box);
    out.Put(blob.first_x);
    out.Put(blob.first_y);
    out.Put(blob.area);
    out.Put(static_cast<uint8_t>(blob.cut));
  }
  out.Put(static_cast<uint32_t>(tiles_.size()));
  for (const auto& [index, held] : tiles_) {
    out.Put(index);
    out.Put(held.checksum);
    out.Put(static_cast<uint32_t>(held.tile.pieces.size()));
    for (const Tile::Piece& piece : held.tile.pieces) {
      const auto found = number.find(piece.blob);
      out.Put(found == number.end() ? uint32_t{0} : found->second);
    }
  }
  return out.Take();
}

Stitcher Stitcher::Restore(const Lattice& lattice, std::vector<Patch> run, std::span<const uint8_t> saved) {
  Stitcher stitcher(lattice, std::move(run));
  Reader in(saved);
  Require(in.Get<uint32_t>() == kFormat);
  Require(in.Get<uint64_t>() == stitcher.run_.size());
  stitcher.position_ = in.Get<uint64_t>();
  Require(stitcher.position_ <= stitcher.run_.size());
  stitcher.cut_blobs_ = in.Get<int64_t>();
  const auto blob_count = in.Get<uint32_t>();
  for (uint32_t k = 0; k < blob_count; ++k) {
    const BlobId id = stitcher.next_blob_++;
    Blob blob{};
    blob.box = in.Get<Box>();
    blob.first_x = in.Get<int32_t>();
    blob.first_y = in.Get<int32_t>();
    blob.area = in.Get<int64_t>();
    blob.cut = in.Get<uint8_t>() != 0;
    if (blob.cut) stitcher.cut_.push_back(id);
    const auto added = stitcher.blobs_.emplace(id, std::move(blob)).first;
    stitcher.Hold(added->second, +1);
    stitcher.Settle(id);
  }
  const auto tile_count = in.Get<uint32_t>();
  for (uint32_t k = 0; k < tile_count; ++k) {
    const auto index = in.Get<uint32_t>();
    Require(index < stitcher.position_);
    HeldTile held{{}, in.Get<uint64_t>()};
    const auto pieces = in.Get<uint32_t>();
    for (uint32_t label = 1; label <= pieces; ++label) {
      const auto number = in.Get<uint32_t>();
      Require(number <= blob_count);
      held.tile.pieces.push_back(
          {{}, 0, 0, 0, number, 0, 0, 0});  // ids were handed out from 1 on, in this order
      if (number > 0) stitcher.blobs_.at(number).pieces.push_back({index, static_cast<uint16_t>(label)});
    }
    Require(stitcher.tiles_.emplace(index, std::move(held)).second);
    ++stitcher.missing_;
  }
  Require(in.AtEnd());
  stitcher.next_blob_ = BlobId{blob_count} + 1;
  return stitcher;
}

std::vector<uint32_t> Stitcher::Missing() const {
  std::vector<uint32_t> missing;
  for (const auto& [index, held] : tiles_) {
    if (held.tile.h.empty()) missing.push_back(index);
  }
  return missing;
}

void Stitcher::Refill(uint32_t index, std::span<const uint8_t> maps, std::span<const uint8_t> rgb) {
  HeldTile& held = tiles_.at(index);
  if (!held.tile.h.empty()) throw std::logic_error("the tile is not missing");
  Tile tile = maker_.Make(lattice_, run_.at(index).i, run_.at(index).j, maps, rgb);
  if (Checksum(tile) != held.checksum || tile.pieces.size() != held.tile.pieces.size()) {
    throw std::runtime_error("the net gives other maps than before the interruption");
  }
  for (size_t k = 0; k < tile.pieces.size(); ++k) tile.pieces[k].blob = held.tile.pieces[k].blob;
  Trim(tile);
  held.tile = std::move(tile);
  --missing_;
}

}  // namespace hoverslide
