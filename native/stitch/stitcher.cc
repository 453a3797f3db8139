#include "stitch/stitcher.h"

#include <algorithm>
#include <stdexcept>

namespace hoverslide {
namespace {

constexpr int64_t kSmallestBlob = 10;  // px; smaller components are noise (step 1 of the recipe)

bool InRasterOrder(int32_t ax, int32_t ay, int32_t bx, int32_t by) { return ay != by ? ay < by : ax < bx; }

}  // namespace

Stitcher::Stitcher(const Lattice& lattice, std::vector<Patch> run)
    : lattice_(lattice), run_(std::move(run)), index_(lattice_, run_) {}

void Stitcher::Add(std::span<const uint8_t> maps, std::span<const uint8_t> rgb, std::vector<uint8_t>& out) {
  if (position_ >= run_.size()) throw std::out_of_range("no patch is left to add");
  if (missing_ > 0) throw std::logic_error("restored tiles are missing");
  const auto index = static_cast<uint32_t>(position_);
  AddTile(index, maker_.Make(lattice_, run_[index].i, run_[index].j, maps, rgb));
  ++position_;
  GiveComplete(out);
  GiveCutWindows(out);
  Release(index);
  if (const auto held = tiles_.find(index); held != tiles_.end()) Trim(held->second.tile);
}

// Every piece of a new tile starts as a blob of its own and is joined with those it touches in neighbours.
void Stitcher::AddTile(uint32_t index, Tile tile) {
  const size_t count = tile.pieces.size();
  std::vector<BlobId> ids(count);
  for (size_t k = 0; k < count; ++k) {
    Tile::Piece& piece = tile.pieces[k];
    piece.blob = ids[k] = next_blob_++;
    Blob blob{piece.box, piece.first_x, piece.first_y, piece.area};
    blob.pieces.push_back({index, static_cast<uint16_t>(k + 1)});
    blobs_.emplace(piece.blob, std::move(blob));
  }
  const uint64_t checksum = Checksum(tile);
  const HeldTile& held = tiles_.emplace(index, HeldTile{std::move(tile), checksum}).first->second;
  for (const BlobId id : ids) Hold(blobs_.at(id), +1);
  JoinAcross(index, -1, 0);
  JoinAcross(index, 0, -1);
  JoinAcross(index, +1, 0);
  JoinAcross(index, 0, +1);
  // After the joins a blob may own several of the tile's pieces: settling it again changes nothing.
  for (const Tile::Piece& piece : held.tile.pieces) Settle(piece.blob);
}

// Joins blobs that touch across the border between a tile and its neighbour to one side, if that is held.
void Stitcher::JoinAcross(uint32_t index, int32_t di, int32_t dj) {
  const auto held = tiles_.find(index_.At(run_[index].i + di, run_[index].j + dj));
  if (held == tiles_.end()) return;
  const Tile& here = TileOf(index);
  const Tile& there = held->second.tile;
  // Sides are left, upper, right and lower.
  const int side = dj == 0 ? (di < 0 ? 0 : 2) : (dj < 0 ? 1 : 3);
  const std::vector<uint16_t>& own = here.sides[side];
  const std::vector<uint16_t>& other = there.sides[side ^ 2];
  for (size_t k = 0; k < own.size(); ++k) {
    if (own[k] != 0 && other[k] != 0) Merge(here.pieces[own[k] - 1].blob, there.pieces[other[k] - 1].blob);
  }
}

void Stitcher::Merge(BlobId a, BlobId b) {
  if (a == b) return;
  if (blobs_.at(a).pieces.size() < blobs_.at(b).pieces.size()) std::swap(a, b);
  Blob& blob = blobs_.at(a);
  Blob& other = blobs_.at(b);
  if (blob.cut != other.cut) StartCutting(blob.cut ? b : a);
  Hold(blob, -1);
  Hold(other, -1);
  for (const PieceRef& piece : other.pieces) {
    tiles_.at(piece.patch).tile.pieces[piece.label - 1].blob = a;
  }
  if (blob.cut) JoinCut(a, b);
  blob.pieces.insert(blob.pieces.end(), other.pieces.begin(), other.pieces.end());
  blob.box = Joined(blob.box, other.box);
  blob.area += other.area;
  if (InRasterOrder(other.first_x, other.first_y, blob.first_x, blob.first_y)) {
    blob.first_x = other.first_x, blob.first_y = other.first_y;
  }
  Hold(blob, +1);
  blobs_.erase(b);
}

// Once a blob has its new extent: which patch completes it?
void Stitcher::Settle(BlobId id) {
  Blob& blob = blobs_.at(id);
  if (!blob.cut && (blob.box.width() > kMaxBlobSide || blob.box.height() > kMaxBlobSide)) StartCutting(id);
  const size_t last = blob.cut ? LastPatchOfCut(blob.box) : LastPatch(Grown(blob.box, kBlobMargin));
  due_[last].push_back(id);
  blob.last = last;
}

// Index of the last patch of the run that keeps a pixel of `box`.
size_t Stitcher::LastPatch(const Box& box) const {
  size_t last = 0;
  ForRunPatches(box, [&](uint32_t index) { last = std::max<size_t>(last, index); });
  return last;
}

void Stitcher::Hold(const Blob& blob, int32_t change) {
  if (blob.cut) return;  // see IsNeededByCut
  ForRunPatches(Grown(blob.box, kBlobMargin), [&](uint32_t index) {
    if ((holds_[index] += change) == 0) {
      holds_.erase(index);
      let_go_.push_back(index);
    }
  });
}

void Stitcher::GiveComplete(std::vector<uint8_t>& out) {
  std::vector<BlobId> due;
  if (const auto found = due_.find(position_ - 1); found != due_.end()) due = std::move(found->second);
  due_.erase(position_ - 1);
  std::sort(due.begin(), due.end());
  due.erase(std::unique(due.begin(), due.end()), due.end());
  std::erase_if(due, [&](BlobId id) {  // joined to another, grown since, or cut
    const auto found = blobs_.find(id);
    return found == blobs_.end() || found->second.last >= position_ || found->second.cut;
  });
  std::sort(due.begin(), due.end(), [&](BlobId a, BlobId b) {
    const Blob& left = blobs_.at(a);
    const Blob& right = blobs_.at(b);
    return InRasterOrder(left.first_x, left.first_y, right.first_x, right.first_y);
  });
  for (const BlobId id : due) {
    const Blob& blob = blobs_.at(id);
    Hold(blob, -1);
    if (blob.area >= kSmallestBlob) GiveBlob(blob, out);
    blobs_.erase(id);
  }
}

void Stitcher::GiveBlob(const Blob& blob, std::vector<uint8_t>& out) {
  own_.clear();
  for (const PieceRef& piece : blob.pieces) AddRuns(piece, blob.box, own_);
  if (blob.pieces.size() > 1) std::sort(own_.begin(), own_.end());
  GiveWindow(blob.box, Grown(blob.box, kBlobMargin), own_, out);
}

bool Stitcher::IsNeeded(uint32_t index) const {
  const Tile& tile = TileOf(index);
  bool neighbour_to_come = false;
  ForRunPatches(Grown(tile.box, 1), [&](uint32_t k) { neighbour_to_come |= k >= position_; });
  return neighbour_to_come || holds_.contains(index) || IsNeededByCut(tile);
}

// Lets go of tiles that nothing needs any more. A new patch can free only itself, its neighbours, and what
// the blobs that it completed or changed held; a blob that is being cut may free any.
void Stitcher::Release(uint32_t index) {
  ForRunPatches(Grown(TileOf(index).box, 1), [&](uint32_t k) { let_go_.push_back(k); });
  if (!cut_.empty() || cut_ended_) {
    for (const auto& [k, held] : tiles_) let_go_.push_back(k);
  }
  for (const uint32_t k : let_go_) {
    if (tiles_.contains(k) && !IsNeeded(k)) tiles_.erase(k);
  }
  let_go_.clear();
  for (const BlobId id : cut_) {
    std::erase_if(blobs_.at(id).pieces, [&](const PieceRef& ref) { return !tiles_.contains(ref.patch); });
  }
}

void Stitcher::Trim(Tile& tile) {
  tile.Keep([&](const Tile::Piece& piece) { return blobs_.contains(piece.blob); }, reach_);
}

}  // namespace hoverslide
