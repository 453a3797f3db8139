#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "stitch/open_blob.h"
#include "stitch/tile.h"

namespace hoverslide {

// Owns the tiles that are in memory, by their place in the order of patches.
//
// A tile restored from a saved state has the blobs of its pieces but no pixels: it is missing until Refill.
// Nothing may read pixels while a tile is missing (HasMissing).
class TileStore {
 public:
  struct Entry {
    Tile tile;
    uint64_t checksum;  // of the tile as it was made, before Trim
  };

  size_t size() const { return entries_.size(); }
  const std::map<uint32_t, Entry>& entries() const { return entries_; }

  // Adds a tile. The reference is valid until the tile is removed.
  Tile& Add(uint32_t place, Tile tile);
  // Returns null if there is none.
  Tile* Find(uint32_t place);
  const Tile* Find(uint32_t place) const;
  // Throws std::out_of_range if there is none.
  const Tile& At(uint32_t place) const { return entries_.at(place).tile; }
  void Remove(uint32_t place) { entries_.erase(place); }

  // Makes a piece part of another blob.
  void SetBlob(const PieceRef& ref, BlobId blob);

  // Adds a tile without pixels: its checksum and the blobs of its pieces.
  void AddMissing(uint32_t place, uint64_t checksum, const std::vector<BlobId>& blobs);
  bool HasMissing() const { return missing_ > 0; }
  // Returns the places of all missing tiles, ascending.
  std::vector<uint32_t> Missing() const;
  // Throws std::out_of_range if there is no tile, std::logic_error if it is not missing.
  void RequireMissing(uint32_t place) const;
  // Replaces a missing tile. Throws as RequireMissing does, and std::runtime_error if `tile` is not the one
  // that was saved.
  Tile& Refill(uint32_t place, Tile tile);

 private:
  std::map<uint32_t, Entry> entries_;
  size_t missing_ = 0;
};

}  // namespace hoverslide
