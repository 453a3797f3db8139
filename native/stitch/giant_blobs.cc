#include "stitch/giant_blobs.h"

#include <algorithm>

#include "nuclei/grid.h"
#include "stitch/cut_lattice.h"

namespace hoverslide {

void GiantBlobs::Add(BlobId id, OpenBlob blob) {
  std::vector<PieceRef> added = blob.pieces;
  blobs_.emplace(id, Entry{std::move(blob), std::move(added)});
  ++count_;
}

void GiantBlobs::Restore(BlobId id, OpenBlob blob) { blobs_.emplace(id, Entry{std::move(blob), {}}); }

void GiantBlobs::Join(BlobId into, BlobId from) {
  Entry& entry = blobs_.at(into);
  const Entry& other = blobs_.at(from);
  entry.blob.Absorb(other.blob);
  entry.added.insert(entry.added.end(), other.added.begin(), other.added.end());
  blobs_.erase(from);
  --count_;
}

std::vector<BlobId> GiantBlobs::ids() const {
  std::vector<BlobId> ids;
  for (const auto& [id, entry] : blobs_) ids.push_back(id);
  return ids;
}

void GiantBlobs::Schedule(BlobId id) {
  Entry& entry = blobs_.at(id);
  entry.last = order_.Last(Grown(entry.blob.box, kBlobMargin)).value_or(0);
  ForEachCore(entry.blob.box, [&](const Box& core) {
    entry.last = std::max(entry.last, LastPatchOfWindow(core).value_or(0));
  });
}

// Nothing where no patch touches the window: then no piece lies in it.
std::optional<uint32_t> GiantBlobs::LastPatchOfWindow(const Box& core) const {
  const auto [found, is_new] = last_of_window_.try_emplace({core.x0, core.y0});
  if (is_new) found->second = order_.Last(Grown(CutWindowOf(core), kBlobMargin));
  return found->second;
}

void GiantBlobs::AppendWindows(uint32_t place, WindowWriter& writer, std::vector<uint8_t>& out) {
  std::vector<const Entry*> ordered;
  for (const auto& [id, entry] : blobs_) ordered.push_back(&entry);
  std::sort(ordered.begin(), ordered.end(),
            [](const Entry* a, const Entry* b) { return IsBefore(a->blob.first, b->blob.first); });
  for (const Entry* entry : ordered) {
    ForEachCore(entry->blob.box, [&](const Box& core) {
      const std::optional<uint32_t> last = LastPatchOfWindow(core);
      if (!last || *last > place) return;
      AppendWindow(core, *last == place ? entry->blob.pieces : entry->added, writer, out);
    });
  }
  for (auto& [id, entry] : blobs_) entry.added.clear();
  removed_ = std::erase_if(blobs_, [&](const auto& item) { return item.second.last <= place; }) > 0;
}

void GiantBlobs::AppendWindow(const Box& core, const std::vector<PieceRef>& pieces, WindowWriter& writer,
                              std::vector<uint8_t>& out) {
  const Box window = CutWindowOf(core);
  std::vector<PixelRun> runs;
  writer.CollectRuns(pieces, window, runs);
  if (runs.empty()) return;
  for (const CutPart& part : ConnectedParts(runs, window)) {
    if (part.area < kSmallestArea || !Overlap(part.box, core)) continue;  // no marker can lie in the core
    writer.Append(part.box, core, part.runs, out);
  }
}

bool GiantBlobs::Need(const Box& tile, uint32_t place) const {
  if (blobs_.empty()) return false;
  bool need = false;
  ForEachCore(Grown(tile, kBlobMargin), [&](const Box& core) {
    const std::optional<uint32_t> last = LastPatchOfWindow(core);
    if (need || !last || *last <= place) return;
    for (const auto& [id, entry] : blobs_) need |= Overlap(CutWindowOf(core), entry.blob.box);
  });
  return need;
}

void GiantBlobs::DropPiecesWithoutTile(const TileStore& tiles) {
  for (auto& [id, entry] : blobs_) {
    std::erase_if(entry.blob.pieces,
                  [&](const PieceRef& piece) { return tiles.Find(piece.place) == nullptr; });
  }
}

}  // namespace hoverslide
