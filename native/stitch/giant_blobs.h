#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "stitch/open_blob.h"
#include "stitch/patch_order.h"
#include "stitch/tile_store.h"
#include "stitch/window_writer.h"

namespace hoverslide {

// Owns the blobs with a side over kMaxBlobSide, which would keep tiles in memory without bound. Each is cut
// into its connected parts within the overlapping windows of a fixed lattice (cut_lattice.h).
//
// A part is written with the patch that completes its window: the last one, in order, that the window grown
// by kBlobMargin touches. Pieces that come to a giant blob later, from a blob that was not known to belong to
// it, are written at once in windows that are complete already. So every piece is written once in each window
// that it touches, and what is written depends on the maps and the order of patches alone.
class GiantBlobs {
 public:
  explicit GiantBlobs(const PatchOrder& order) : order_(order) {}

  // Tells whether a blob of this box must be cut.
  static bool IsGiant(const Box& box) { return box.width() > kMaxBlobSide || box.height() > kMaxBlobSide; }

  // Starts to cut a blob: all of its pieces are new.
  void Add(BlobId id, OpenBlob blob);
  // Adds a blob as it was saved: none of its pieces is new, and it is not counted.
  void Restore(BlobId id, OpenBlob blob);
  bool Contains(BlobId id) const { return blobs_.contains(id); }
  const OpenBlob& At(BlobId id) const { return blobs_.at(id).blob; }
  // Makes one of two blobs, which turn out to be the same; `into` keeps its name.
  void Join(BlobId into, BlobId from);
  std::vector<BlobId> ids() const;

  // Counts the giant blobs so far, complete ones included.
  int64_t count() const { return count_; }
  void set_count(int64_t count) { count_ = count; }

  // Determines which patch completes a blob. Call whenever its box has grown.
  void Schedule(BlobId id);
  // Appends all parts that can be written after the patch at `place`, blob by blob in raster order of first
  // pixels, window by window; then removes the blobs that are complete.
  void AppendWindows(uint32_t place, WindowWriter& writer, std::vector<uint8_t>& out);

  // Tells whether any tile may have lost its last use with the latest patch.
  bool MayReleaseTiles() const { return !blobs_.empty() || removed_; }
  // Tells whether a window that is not complete after the patch at `place` needs the tile with this box.
  bool Need(const Box& tile, uint32_t place) const;
  // Drops the pieces of tiles that are no longer in memory.
  void DropPiecesWithoutTile(const TileStore& tiles);

 private:
  struct Entry {
    OpenBlob blob;
    std::vector<PieceRef> added;  // with the current patch
    uint32_t last = 0;            // place of the patch that completes it
  };
  std::optional<uint32_t> LastPatchOfWindow(const Box& core) const;
  static void AppendWindow(const Box& core, const std::vector<PieceRef>& pieces, WindowWriter& writer,
                           std::vector<uint8_t>& out);

  const PatchOrder& order_;
  std::map<BlobId, Entry> blobs_;
  int64_t count_ = 0;
  bool removed_ = false;  // a blob was removed with the current patch
  mutable std::map<std::pair<int32_t, int32_t>, std::optional<uint32_t>> last_of_window_;  // by core
};

}  // namespace hoverslide
