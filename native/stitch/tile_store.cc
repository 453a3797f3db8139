#include "stitch/tile_store.h"

#include <stdexcept>

namespace hoverslide {
namespace {

bool IsMissing(const Tile& tile) { return tile.h.empty(); }

}  // namespace

Tile& TileStore::Add(uint32_t place, Tile tile) {
  const uint64_t checksum = Checksum(tile);
  return entries_.emplace(place, Entry{std::move(tile), checksum}).first->second.tile;
}

Tile* TileStore::Find(uint32_t place) {
  const auto found = entries_.find(place);
  return found == entries_.end() ? nullptr : &found->second.tile;
}

const Tile* TileStore::Find(uint32_t place) const {
  const auto found = entries_.find(place);
  return found == entries_.end() ? nullptr : &found->second.tile;
}

void TileStore::SetBlob(const PieceRef& ref, BlobId blob) {
  entries_.at(ref.place).tile.pieces[ref.label - 1].blob = blob;
}

void TileStore::AddMissing(uint32_t place, uint64_t checksum, const std::vector<BlobId>& blobs) {
  Tile tile;
  for (const BlobId blob : blobs) tile.pieces.push_back({kEmptyBox, {}, 0, blob, 0, 0, 0});
  entries_.emplace(place, Entry{std::move(tile), checksum});
  ++missing_;
}

std::vector<uint32_t> TileStore::Missing() const {
  std::vector<uint32_t> missing;
  for (const auto& [place, entry] : entries_) {
    if (IsMissing(entry.tile)) missing.push_back(place);
  }
  return missing;
}

void TileStore::RequireMissing(uint32_t place) const {
  const Tile* tile = Find(place);
  if (tile == nullptr) throw std::out_of_range("no tile of this patch was saved");
  if (!IsMissing(*tile)) throw std::logic_error("the tile is not missing");
}

Tile& TileStore::Refill(uint32_t place, Tile tile) {
  RequireMissing(place);
  Entry& entry = entries_.at(place);
  if (Checksum(tile) != entry.checksum || tile.pieces.size() != entry.tile.pieces.size()) {
    throw std::runtime_error("the net gives other maps than before the interruption");
  }
  for (size_t k = 0; k < tile.pieces.size(); ++k) tile.pieces[k].blob = entry.tile.pieces[k].blob;
  entry.tile = std::move(tile);
  --missing_;
  return entry.tile;
}

}  // namespace hoverslide
