#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "stitch/patch_index.h"
#include "stitch/reach.h"
#include "stitch/tile.h"

namespace hoverslide {

// Puts blobs together across patches.
//
// Patches come one by one in a fixed order. A blob is given out, whole and once, with the patch that
// completes it: the last one, in that order, that its box grown by kBlobMargin touches; by then every pixel
// that post-processing may look at is known. Blobs completed by the same patch come in raster order of their
// first pixels. So what is given out, and in which order, depends on the maps and the order of patches alone.
//
// A tile is held only while a neighbour is still to come or a blob that is not complete lies within the
// margin of it.
//
// A blob with a side over kMaxBlobSide would hold tiles without bound. It is cut (cut.cc): into its
// components within overlapping windows of a fixed lattice, each given out with the patch that completes its
// window, or with the patch that made the blob that large, if later.
//
// Not thread-safe: one call at a time.
class Stitcher {
 public:
  // `run` lists the patches that the net sees, in order; all others are background. Throws
  // std::invalid_argument if one of them is listed twice or lies beyond the slide.
  Stitcher(const Lattice& lattice, std::vector<Patch> run);

  // Takes the next patch and appends the blobs that are complete with it to `out`, in the form of
  // nuclei/blob.h. `maps` is [stride, stride, 4], `rgb` [patch, patch, 3]. Throws std::out_of_range after the
  // last patch.
  void Add(std::span<const uint8_t> maps, std::span<const uint8_t> rgb, std::vector<uint8_t>& out);

  const Lattice& lattice() const { return lattice_; }
  size_t position() const { return position_; }
  size_t held() const { return tiles_.size(); }
  // Blobs so far that were cut.
  int64_t cut_blobs() const { return cut_blobs_; }

  // All state but the tiles' pixels, which the net can make again: small, for a journal.
  std::vector<uint8_t> Save() const;
  // A stitcher as it was saved; it can go on once each of Missing() has been given back by Refill.
  // Throws std::runtime_error where `saved` makes no sense for this lattice and these patches.
  static Stitcher Restore(const Lattice& lattice, std::vector<Patch> run, std::span<const uint8_t> saved);
  // Indices into `run` of the held tiles that have not been refilled, ascending.
  std::vector<uint32_t> Missing() const;
  // Throws std::runtime_error if the patch does not give the tile that was saved.
  void Refill(uint32_t index, std::span<const uint8_t> maps, std::span<const uint8_t> rgb);

 private:
  using BlobId = uint64_t;
  // A connected piece of a blob within one held tile.
  struct PieceRef {
    uint32_t patch;
    uint16_t label;
  };
  struct Blob {
    Box box;
    int32_t first_x, first_y;
    int64_t area;
    bool cut = false;
    size_t last = 0;  // index of the patch that completes it
    std::vector<PieceRef> pieces{};
  };
  // A run of a blob in model space, with its pixels.
  struct OwnRun {
    int32_t y, x0, x1;
    const MapPixel* pixels;

    bool operator<(const OwnRun& other) const { return y != other.y ? y < other.y : x0 < other.x0; }
  };
  struct HeldTile {
    Tile tile;
    uint64_t checksum;
  };

  template <typename Visit>
  void ForRunPatches(const Box& box, Visit visit) const;
  static constexpr size_t kNoPatch = SIZE_MAX;
  size_t LastPatch(const Box& box) const;
  const Tile& TileOf(uint32_t index) const { return tiles_.at(index).tile; }
  void AddTile(uint32_t index, Tile tile);
  void JoinAcross(uint32_t index, int32_t di, int32_t dj);
  void Merge(BlobId a, BlobId b);
  void Settle(BlobId id);
  void Hold(const Blob& blob, int32_t change);
  void GiveComplete(std::vector<uint8_t>& out);
  void GiveBlob(const Blob& blob, std::vector<uint8_t>& out);
  bool IsNeeded(uint32_t index) const;
  void Release(uint32_t index);
  void Trim(Tile& tile);

  // window.cc
  void GiveWindow(const Box& box, const Box& owner, std::span<const OwnRun> own, std::vector<uint8_t>& out);
  void CopyReach(const Box& window, const BlobSpace& space) const;
  static void CopyNear(const Tile& tile, const Box& window, const BlobSpace& space);
  void AddRuns(const PieceRef& ref, const Box& within, std::vector<OwnRun>& own) const;

  // cut.cc
  void StartCutting(BlobId id);
  void JoinCut(BlobId into, BlobId from);
  size_t LastPatchOfCut(const Box& box) const;
  size_t LastPatchOfWindow(const Box& core) const;
  void GiveCutWindows(std::vector<uint8_t>& out);
  void GiveCutWindow(const Box& core, std::span<const PieceRef> pieces, std::vector<uint8_t>& out);
  bool IsNeededByCut(const Tile& tile) const;

  Lattice lattice_;
  std::vector<Patch> run_;
  PatchIndex index_;
  size_t position_ = 0;
  BlobId next_blob_ = 1;
  int64_t cut_blobs_ = 0;
  std::unordered_map<BlobId, Blob> blobs_;       // not complete yet
  std::map<size_t, std::vector<BlobId>> due_;    // by Blob::last; may hold stale entries
  std::unordered_map<uint32_t, int32_t> holds_;  // open, uncut blobs within the margin of a patch
  std::vector<uint32_t> let_go_;  // patches that the last of their holds left with the patch at hand
  std::map<uint32_t, HeldTile> tiles_;
  TileMaker maker_;
  size_t missing_ = 0;       // restored tiles that have not been refilled
  std::vector<BlobId> cut_;  // open blobs that are being cut
  mutable std::map<std::pair<int32_t, int32_t>, size_t> window_last_;  // LastPatchOfWindow by core
  bool cut_ended_ = false;  // one of them ended with the patch at hand
  // Pieces that came to a cut blob with the patch at hand, from a blob that was not cut so far.
  std::map<BlobId, std::vector<PieceRef>> fresh_;
  // Of the blob that is being given out.
  std::vector<OwnRun> own_;
  std::vector<Run> runs_;
  Reach reach_;
};

inline Box Grown(const Box& box, int32_t by) { return {box.x0 - by, box.y0 - by, box.x1 + by, box.y1 + by}; }
inline Box Joined(const Box& a, const Box& b) {
  return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}
inline Box Common(const Box& a, const Box& b) {
  return {std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
}
inline bool Touch(const Box& a, const Box& b) {
  const Box common = Common(a, b);
  return common.x0 < common.x1 && common.y0 < common.y1;
}

inline int32_t FloorDiv(int32_t a, int32_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

// Calls visit(index) for every patch of the run that keeps a pixel of `box`, row by row.
template <typename Visit>
void Stitcher::ForRunPatches(const Box& box, Visit visit) const {
  const int32_t side = lattice_.stride;
  for (int32_t j = FloorDiv(box.y0, side); j <= FloorDiv(box.y1 - 1, side); ++j) {
    for (int32_t i = FloorDiv(box.x0, side); i <= FloorDiv(box.x1 - 1, side); ++i) {
      if (const uint32_t index = index_.At(i, j); index != PatchIndex::kNone) visit(index);
    }
  }
}

}  // namespace hoverslide
