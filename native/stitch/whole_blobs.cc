#include "stitch/whole_blobs.h"

#include <algorithm>
#include <utility>

namespace hoverslide {

void WholeBlobs::Add(BlobId id, OpenBlob blob) {
  ChangeNeeds(blob, +1);
  blobs_.emplace(id, Entry{std::move(blob)});
}

void WholeBlobs::Join(BlobId into, BlobId from) {
  OpenBlob& blob = blobs_.at(into).blob;
  ChangeNeeds(blob, -1);
  blob.Absorb(Take(from));
  ChangeNeeds(blob, +1);
}

OpenBlob WholeBlobs::Take(BlobId id) {
  const auto found = blobs_.find(id);
  OpenBlob blob = std::move(found->second.blob);
  blobs_.erase(found);
  ChangeNeeds(blob, -1);
  return blob;
}

std::vector<BlobId> WholeBlobs::ids() const {
  std::vector<BlobId> ids;
  for (const auto& [id, entry] : blobs_) ids.push_back(id);
  return ids;
}

void WholeBlobs::Schedule(BlobId id) {
  Entry& entry = blobs_.at(id);
  entry.last = order_.Last(Grown(entry.blob.box, kBlobMargin)).value_or(0);
  scheduled_[entry.last].push_back(id);
}

std::vector<OpenBlob> WholeBlobs::TakeComplete(uint32_t place) {
  std::vector<OpenBlob> complete;
  const auto scheduled = scheduled_.find(place);
  if (scheduled == scheduled_.end()) return complete;
  for (const BlobId id : scheduled->second) {
    const auto found = blobs_.find(id);
    if (found == blobs_.end() || found->second.last > place) continue;  // taken, or grown since
    complete.push_back(Take(id));
  }
  scheduled_.erase(scheduled);
  std::sort(complete.begin(), complete.end(),
            [](const OpenBlob& a, const OpenBlob& b) { return IsBefore(a.first, b.first); });
  return complete;
}

std::vector<uint32_t> WholeBlobs::TakeReleased() { return std::exchange(released_, {}); }

void WholeBlobs::ChangeNeeds(const OpenBlob& blob, int32_t by) {
  order_.ForEach(Grown(blob.box, kBlobMargin), [&](uint32_t place) {
    if ((needs_[place] += by) != 0) return;
    needs_.erase(place);
    released_.push_back(place);
  });
}

}  // namespace hoverslide
