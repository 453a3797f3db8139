#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "stitch/open_blob.h"
#include "stitch/patch_order.h"

namespace hoverslide {

// Owns the blobs that are not complete and will be put together whole: what is known of each, the patch that
// completes it, and how many of them need each patch.
//
// A blob is complete with the last patch, in order, that its box grown by kBlobMargin touches. Until then it
// needs every patch that this grown box touches.
class WholeBlobs {
 public:
  explicit WholeBlobs(const PatchOrder& order) : order_(order) {}

  void Add(BlobId id, OpenBlob blob);
  bool Contains(BlobId id) const { return blobs_.contains(id); }
  const OpenBlob& At(BlobId id) const { return blobs_.at(id).blob; }
  // Makes one of two blobs; `into` keeps its name.
  void Join(BlobId into, BlobId from);
  // Removes a blob and returns it.
  OpenBlob Take(BlobId id);
  std::vector<BlobId> ids() const;

  // Determines which patch completes a blob. Call whenever its box has grown.
  void Schedule(BlobId id);
  // Removes the blobs that the patch at `place` completes and returns them in raster order of first pixels.
  std::vector<OpenBlob> TakeComplete(uint32_t place);

  // Tells whether a blob needs the patch at `place`.
  bool Need(uint32_t place) const { return needs_.contains(place); }
  // Returns the patches that some blob stopped needing since the last call; others may need them again.
  std::vector<uint32_t> TakeReleased();

 private:
  struct Entry {
    OpenBlob blob;
    uint32_t last = 0;  // place of the patch that completes it
  };
  void ChangeNeeds(const OpenBlob& blob, int32_t by);

  const PatchOrder& order_;
  std::unordered_map<BlobId, Entry> blobs_;
  std::map<uint32_t, std::vector<BlobId>>
      scheduled_;                                // by Entry::last; may list blobs that have changed since
  std::unordered_map<uint32_t, int32_t> needs_;  // blobs that need a patch, never 0
  std::vector<uint32_t> released_;
};

}  // namespace hoverslide
