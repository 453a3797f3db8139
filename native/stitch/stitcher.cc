#include "stitch/stitcher.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "nuclei/grid.h"

namespace hoverslide {

Stitcher::Stitcher(const Lattice& lattice, std::vector<Patch> patches)
    : order_(lattice, std::move(patches)) {}

void Stitcher::Add(std::span<const uint8_t> maps, std::span<const uint8_t> rgb, std::vector<uint8_t>& out) {
  if (position_ >= order_.size()) throw std::out_of_range("no patch is left to add");
  if (tiles_.HasMissing()) throw std::logic_error("restored tiles are missing");
  const auto place = static_cast<uint32_t>(position_);
  AddTile(place, maker_.Make(lattice(), order_[place], maps, rgb));
  ++position_;
  for (const OpenBlob& blob : wholes_.TakeComplete(place)) {
    if (blob.area >= kSmallestArea) writer_.AppendWhole(blob, out);
  }
  giants_.AppendWindows(place, writer_, out);
  RemoveUnneededTiles(place);
  if (Tile* tile = tiles_.Find(place)) Trim(*tile);
}

// Every piece of a new tile starts as a blob of its own and is joined with those that it touches in
// neighbours.
void Stitcher::AddTile(uint32_t place, Tile tile) {
  for (Tile::Piece& piece : tile.pieces) piece.blob = next_blob_++;
  const Tile& added = tiles_.Add(place, std::move(tile));
  for (size_t k = 0; k < added.pieces.size(); ++k) {
    const Tile::Piece& piece = added.pieces[k];
    wholes_.Add(piece.blob, {piece.box, piece.first, piece.area, {{place, static_cast<uint32_t>(k + 1)}}});
  }
  for (const Tile::Side side : {Tile::kLeft, Tile::kUpper, Tile::kRight, Tile::kLower}) {
    JoinAcross(place, side);
  }
  for (const Tile::Piece& piece : added.pieces) Schedule(piece.blob);
}

// Joins blobs that touch across one side of a tile, if the neighbour there is in memory.
void Stitcher::JoinAcross(uint32_t place, Tile::Side side) {
  auto [i, j] = order_[place];
  if (side == Tile::kLeft) --i;
  if (side == Tile::kRight) ++i;
  if (side == Tile::kUpper) --j;
  if (side == Tile::kLower) ++j;
  const Tile* neighbour = tiles_.Find(order_.At(i, j));
  if (neighbour == nullptr) return;
  ForEachTouching(tiles_.At(place), side, *neighbour,
                  [&](const Tile::Piece& here, const Tile::Piece& there) { Join(here.blob, there.blob); });
}

// The blob of more pieces keeps its name, so that fewer pieces are renamed. What joins a giant blob is giant.
void Stitcher::Join(BlobId a, BlobId b) {
  if (a == b) return;
  if (BlobOf(a).pieces.size() < BlobOf(b).pieces.size()) std::swap(a, b);
  if (giants_.Contains(a) != giants_.Contains(b)) {
    const BlobId other = giants_.Contains(a) ? b : a;
    giants_.Add(other, wholes_.Take(other));
  }
  for (const PieceRef& piece : BlobOf(b).pieces) tiles_.SetBlob(piece, a);
  if (giants_.Contains(a)) {
    giants_.Join(a, b);
  } else {
    wholes_.Join(a, b);
  }
}

void Stitcher::Schedule(BlobId id) {
  if (wholes_.Contains(id) && GiantBlobs::IsGiant(wholes_.At(id).box)) giants_.Add(id, wholes_.Take(id));
  if (giants_.Contains(id)) {
    giants_.Schedule(id);
  } else {
    wholes_.Schedule(id);
  }
}

bool Stitcher::IsNeeded(uint32_t place) const {
  const Box& box = tiles_.At(place).box;
  bool neighbour_to_come = false;
  order_.ForEach(Grown(box, 1), [&](uint32_t k) { neighbour_to_come |= k >= position_; });
  return neighbour_to_come || wholes_.Need(place) || giants_.Need(box, static_cast<uint32_t>(position_ - 1));
}

// A new patch can make tiles superfluous that whole blobs have released, its neighbours and itself; where
// giant blobs are, any tile.
void Stitcher::RemoveUnneededTiles(uint32_t place) {
  std::vector<uint32_t> candidates = wholes_.TakeReleased();
  order_.ForEach(Grown(order_.Kept(place), 1), [&](uint32_t k) { candidates.push_back(k); });
  if (giants_.MayReleaseTiles()) {
    for (const auto& [k, entry] : tiles_.entries()) candidates.push_back(k);
  }
  for (const uint32_t k : candidates) {
    if (tiles_.Find(k) != nullptr && !IsNeeded(k)) tiles_.Remove(k);
  }
  giants_.DropPiecesWithoutTile(tiles_);
}

void Stitcher::Trim(Tile& tile) {
  tile.Trim(
      [&](const Tile::Piece& piece) { return wholes_.Contains(piece.blob) || giants_.Contains(piece.blob); },
      neighbourhood_);
}

std::vector<uint8_t> Stitcher::Save() const {
  std::vector<BlobId> ids = wholes_.ids();
  for (const BlobId id : giants_.ids()) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  SavedState state{order_.size(), position_, giants_.count(), {}, {}};
  std::unordered_map<BlobId, uint32_t> number;
  for (const BlobId id : ids) {
    const OpenBlob& blob = BlobOf(id);
    state.blobs.push_back({blob.box, blob.first, blob.area, giants_.Contains(id)});
    number.emplace(id, static_cast<uint32_t>(state.blobs.size()));
  }
  for (const auto& [place, entry] : tiles_.entries()) {
    SavedState::SavedTile& tile = state.tiles.emplace_back();
    tile.place = place;
    tile.checksum = entry.checksum;
    for (const Tile::Piece& piece : entry.tile.pieces) {
      const auto found = number.find(piece.blob);
      tile.blobs.push_back(found == number.end() ? 0 : found->second);
    }
  }
  return Encode(state);
}

// Blobs are named by their numbers in the saved state: 1 and following, and 0 for none.
Stitcher::Stitcher(const Lattice& lattice, std::vector<Patch> patches, std::span<const uint8_t> saved)
    : Stitcher(lattice, std::move(patches)) {
  const SavedState state = Decode(saved);
  RequireFit(state.patches == order_.size() && state.position <= state.patches);
  position_ = state.position;
  next_blob_ = state.blobs.size() + 1;
  std::vector<OpenBlob> blobs;
  for (const SavedState::Blob& blob : state.blobs) blobs.push_back({blob.box, blob.first, blob.area, {}});
  for (const SavedState::SavedTile& tile : state.tiles) {
    RequireFit(tile.place < position_ && tiles_.Find(tile.place) == nullptr);
    for (size_t k = 0; k < tile.blobs.size(); ++k) {
      const uint32_t number = tile.blobs[k];
      RequireFit(number <= blobs.size());
      if (number > 0) blobs[number - 1].pieces.push_back({tile.place, static_cast<uint32_t>(k + 1)});
    }
    tiles_.AddMissing(tile.place, tile.checksum, {tile.blobs.begin(), tile.blobs.end()});
  }
  for (size_t k = 0; k < blobs.size(); ++k) {
    if (state.blobs[k].giant) {
      giants_.Restore(k + 1, std::move(blobs[k]));
    } else {
      wholes_.Add(k + 1, std::move(blobs[k]));
    }
    Schedule(k + 1);
  }
  giants_.set_count(state.giant_blobs);
}

void Stitcher::Refill(uint32_t place, std::span<const uint8_t> maps, std::span<const uint8_t> rgb) {
  tiles_.RequireMissing(place);
  Trim(tiles_.Refill(place, maker_.Make(lattice(), order_[place], maps, rgb)));
}

}  // namespace hoverslide
