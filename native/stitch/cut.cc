// Blobs too large to be held whole: cut on a lattice of cores, each seen in a window with kReach px around
// it.
#include <algorithm>

#include "nuclei/label.h"
#include "stitch/stitcher.h"

namespace hoverslide {
namespace {

constexpr int32_t kCore = 1024;
constexpr int32_t kReach = (kMaxBlobSide - kCore) / 2;
constexpr int64_t kSmallestPiece = 10;  // px, as for whole blobs

Box WindowOf(const Box& core) { return Grown(core, kReach); }

// Calls visit(core) for every core whose window touches `box`, row by row.
template <typename Visit>
void ForCores(const Box& box, Visit visit) {
  for (int32_t b = FloorDiv(box.y0 - kReach, kCore); b <= FloorDiv(box.y1 - 1 + kReach, kCore); ++b) {
    for (int32_t a = FloorDiv(box.x0 - kReach, kCore); a <= FloorDiv(box.x1 - 1 + kReach, kCore); ++a) {
      visit(Box{a * kCore, b * kCore, (a + 1) * kCore, (b + 1) * kCore});
    }
  }
}

}  // namespace

void Stitcher::StartCutting(BlobId id) {
  Blob& blob = blobs_.at(id);
  Hold(blob, -1);
  blob.cut = true;
  ++cut_blobs_;
  cut_.push_back(id);
  fresh_[id] = blob.pieces;
}

// Both are being cut, and turn out to be one.
void Stitcher::JoinCut(BlobId into, BlobId from) {
  --cut_blobs_;
  std::erase(cut_, from);
  const std::vector<PieceRef> pieces = std::move(fresh_[from]);
  fresh_.erase(from);
  fresh_[into].insert(fresh_[into].end(), pieces.begin(), pieces.end());
}

// Index of the patch that completes the window of a core, kNoPatch where no patch of the run lies in it.
size_t Stitcher::LastPatchOfWindow(const Box& core) const {
  const auto [found, is_new] = window_last_.try_emplace({core.x0, core.y0}, kNoPatch);
  if (is_new) {
    ForRunPatches(Grown(WindowOf(core), kBlobMargin), [&last = found->second](uint32_t index) {
      last = last == kNoPatch ? index : std::max<size_t>(last, index);
    });
  }
  return found->second;
}

size_t Stitcher::LastPatchOfCut(const Box& box) const {
  size_t last = LastPatch(Grown(box, kBlobMargin));
  ForCores(box, [&](const Box& core) {
    const size_t window = LastPatchOfWindow(core);
    if (window != kNoPatch) last = std::max(last, window);
  });
  return last;
}

// Gives what the patch at hand completed of the blobs that are being cut, blob by blob in raster order of
// first pixels, window by window: all of a blob in windows that it completed; in windows complete before,
// what was not known to belong to a blob this large.
void Stitcher::GiveCutWindows(std::vector<uint8_t>& out) {
  const size_t now = position_ - 1;
  std::sort(cut_.begin(), cut_.end(), [&](BlobId a, BlobId b) {
    const Blob& left = blobs_.at(a);
    const Blob& right = blobs_.at(b);
    return std::pair(left.first_y, left.first_x) < std::pair(right.first_y, right.first_x);
  });
  for (const BlobId id : cut_) {
    const Blob& blob = blobs_.at(id);
    ForCores(blob.box, [&](const Box& core) {
      const size_t last = LastPatchOfWindow(core);
      if (last == now) GiveCutWindow(core, blob.pieces, out);
      if (last < now) GiveCutWindow(core, fresh_[id], out);
    });
  }
  fresh_.clear();
  cut_ended_ = std::erase_if(cut_, [&](BlobId id) {
                 const bool complete = blobs_.at(id).last <= now;
                 if (complete) blobs_.erase(id);
                 return complete;
               }) > 0;
}

// Gives the components that the pieces make within the window of a core.
void Stitcher::GiveCutWindow(const Box& core, std::span<const PieceRef> pieces, std::vector<uint8_t>& out) {
  const Box window = WindowOf(core);
  std::vector<OwnRun> own;
  for (const PieceRef& piece : pieces) AddRuns(piece, window, own);
  if (own.empty()) return;
  std::sort(own.begin(), own.end());

  const int32_t width = window.width();
  const auto at = [&](const OwnRun& run) {
    return static_cast<size_t>(run.y - window.y0) * width + (run.x0 - window.x0);
  };
  BitPlane mask;
  mask.Clear(static_cast<size_t>(width) * window.height());
  for (const OwnRun& run : own) mask.Fill(at(run), at(run) + (run.x1 - run.x0));
  Components components;
  components.Find(mask, width, window.height());

  struct Part {
    Box box{INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};
    std::vector<OwnRun> runs;
  };
  std::vector<Part> parts(components.count());
  auto whole = components.runs().begin();  // the run that holds the one at hand, which may end at a tile's
  for (const OwnRun& run : own) {
    while (static_cast<size_t>(whole->end) <= at(run)) ++whole;
    Part& part = parts[whole->component];
    part.box = Joined(part.box, {run.x0, run.y, run.x1, run.y + 1});
    part.runs.push_back(run);
  }
  for (int32_t k = 0; k < components.count(); ++k) {
    const auto& [box, runs] = parts[k];
    if (components.area(k) < kSmallestPiece || !Touch(box, core)) continue;  // no marker can lie in the core
    GiveWindow(box, core, runs, out);
  }
}

bool Stitcher::IsNeededByCut(const Tile& tile) const {
  if (cut_.empty()) return false;
  bool needed = false;
  ForCores(Grown(tile.box, kBlobMargin), [&](const Box& core) {
    const size_t last = LastPatchOfWindow(core);
    if (needed || last == kNoPatch || last < position_) return;
    for (const BlobId id : cut_) needed |= Touch(WindowOf(core), blobs_.at(id).box);
  });
  return needed;
}

}  // namespace hoverslide
