// What the kernel gets of a blob: its runs with their pixels, and h and v of all within its reach.
#include <algorithm>

#include "stitch/stitcher.h"

namespace hoverslide {

// `own` are the blob's runs in raster order; two that touch at a tile's border are one.
void Stitcher::GiveWindow(const Box& box, const Box& owner, std::span<const OwnRun> own,
                          std::vector<uint8_t>& out) {
  const Box window = Grown(box, kBlobMargin);
  runs_.clear();
  int32_t end = INT32_MIN;
  for (const OwnRun& run : own) {
    const auto y = static_cast<uint16_t>(run.y - window.y0);
    const auto x1 = static_cast<uint16_t>(run.x1 - window.x0);
    if (run.x0 == end && runs_.back().y == y) {
      runs_.back().end = x1;
    } else {
      runs_.push_back({y, static_cast<uint16_t>(run.x0 - window.x0), x1});
    }
    end = run.x1;
  }
  const std::vector<Run>& reach = reach_.Find(runs_, window.width(), window.height());
  const BlobSpace space = AppendBlob(
      out, {window, owner, static_cast<uint32_t>(runs_.size()), static_cast<uint32_t>(LengthOf(runs_)),
            static_cast<uint32_t>(reach.size()), static_cast<uint32_t>(LengthOf(reach))});
  std::copy(runs_.begin(), runs_.end(), space.runs.begin());
  std::copy(reach.begin(), reach.end(), space.reach.begin());
  MapPixel* pixel = space.pixels.data();
  for (const OwnRun& run : own) pixel = std::copy_n(run.pixels, run.x1 - run.x0, pixel);
  CopyReach(window, space);
}

// Beyond the run's patches h and v are 0. A tile that the blob's box covers may be gone, or yet to come,
// where none of the blob's pixels is within kBlobMargin px of it.
void Stitcher::CopyReach(const Box& window, const BlobSpace& space) const {
  std::fill(space.h.begin(), space.h.end(), MapPixel{}.h);
  std::fill(space.v.begin(), space.v.end(), MapPixel{}.v);
  ForRunPatches(window, [&](uint32_t index) {
    const auto held = tiles_.find(index);
    if (held != tiles_.end()) CopyNear(held->second.tile, window, space);
  });
}

// Copies what a tile has of the blob's reach: both lists of runs are in raster order.
void Stitcher::CopyNear(const Tile& tile, const Box& window, const BlobSpace& space) {
  auto near = tile.near.begin();
  size_t from = 0;
  size_t to = 0;
  for (const Run& run : space.reach) {
    const int32_t y = window.y0 + run.y - tile.box.y0;  // from the tile's corner on
    const int32_t begin = window.x0 + run.begin - tile.box.x0;
    const int32_t end = begin + run.length();
    for (; near != tile.near.end() && (near->y < y || (near->y == y && near->end <= begin)); ++near) {
      from += near->length();
    }
    size_t place = from;
    for (auto part = near; part != tile.near.end() && part->y == y && part->begin < end; ++part) {
      const int32_t x0 = std::max<int32_t>(part->begin, begin);
      const int32_t x1 = std::min<int32_t>(part->end, end);
      std::copy_n(tile.h.begin() + place + (x0 - part->begin), x1 - x0, space.h.begin() + to + (x0 - begin));
      std::copy_n(tile.v.begin() + place + (x0 - part->begin), x1 - x0, space.v.begin() + to + (x0 - begin));
      place += part->length();
    }
    to += run.length();
  }
}

// Adds the runs of a piece, or of what lies of it in `within`.
void Stitcher::AddRuns(const PieceRef& ref, const Box& within, std::vector<OwnRun>& own) const {
  const Tile& tile = TileOf(ref.patch);
  const Tile::Piece& piece = tile.pieces[ref.label - 1];
  const MapPixel* pixels = tile.pixels.data() + piece.pixels_begin;
  for (const Run& run : tile.RunsOf(piece)) {
    const int32_t y = tile.box.y0 + run.y;
    const int32_t begin = tile.box.x0 + run.begin;
    const int32_t x0 = std::max(begin, within.x0);
    const int32_t x1 = std::min(tile.box.x0 + run.end, within.x1);
    if (within.y0 <= y && y < within.y1 && x0 < x1) own.push_back({y, x0, x1, pixels + (x0 - begin)});
    pixels += run.length();
  }
}

}  // namespace hoverslide
