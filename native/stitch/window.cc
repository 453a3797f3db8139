// What the kernel gets of a blob: its runs with their pixels, and h and v of all within its reach.
#include <algorithm>

#include "stitch/stitcher.h"

namespace hoverslide {
namespace {

// Windows up to this many px are given whole; of larger ones only what lies within the blob's reach, so that
// long thin blobs do not take the memory of their boxes.
constexpr int64_t kWholeWindow = 128 * 128;

}  // namespace

// `own` are the blob's runs in raster order; two that touch at a tile's border are one.
void Stitcher::GiveWindow(const Box& box, const Box& owner, std::span<const OwnRun> own,
                          std::vector<uint8_t>& out) {
  const Box window = Grown(box, kBlobMargin);
  runs_.clear();
  size_t pixels = 0;
  int32_t end = INT32_MIN;
  for (const OwnRun& run : own) {
    const auto y = static_cast<uint16_t>(run.y - window.y0);
    const auto x1 = static_cast<uint16_t>(run.x1 - window.x0);
    pixels += run.x1 - run.x0;
    if (run.x0 == end && runs_.back().y == y) {
      runs_.back().end = x1;
    } else {
      runs_.push_back({y, static_cast<uint16_t>(run.x0 - window.x0), x1});
    }
    end = run.x1;
  }
  FindReach(window);
  size_t reached = 0;
  for (const Run& run : reach_) reached += run.length();

  const BlobSpace space =
      AppendBlob(out, {window, owner, static_cast<uint32_t>(runs_.size()), static_cast<uint32_t>(pixels),
                       static_cast<uint32_t>(reach_.size()), static_cast<uint32_t>(reached)});
  std::copy(runs_.begin(), runs_.end(), space.runs.begin());
  std::copy(reach_.begin(), reach_.end(), space.reach.begin());
  MapPixel* pixel = space.pixels.data();
  for (const OwnRun& run : own) pixel = std::copy_n(run.pixels, run.x1 - run.x0, pixel);
  CopyReach(window, space);
}

// From runs_ to reach_.
void Stitcher::FindReach(const Box& window) {
  const int32_t width = window.width();
  const int32_t height = window.height();
  reach_.clear();
  if (int64_t{width} * height <= kWholeWindow) {
    for (int32_t y = 0; y < height; ++y) {
      reach_.push_back({static_cast<uint16_t>(y), 0, static_cast<uint16_t>(width)});
    }
    return;
  }
  // The blob's runs, widened; then each row joined with 1, 3, 7 and 15 rows above it, in a plane with rows to
  // spare; two of these make the 10 rows above and below.
  static_assert(kBlobMargin == 10);
  constexpr int32_t kSpare = 16;
  near_.Clear(static_cast<size_t>(width) * (height + 2 * kSpare));
  for (const Run& run : runs_) {
    const size_t row = static_cast<size_t>(run.y + kSpare) * width;
    near_.Fill(row + run.begin - kBlobMargin, row + run.end + kBlobMargin);
  }
  for (const int32_t rows : {1, 2, 4, 8}) {
    const ptrdiff_t shift = static_cast<ptrdiff_t>(rows) * width;
    for (size_t k = near_.count(); k-- > static_cast<size_t>(shift / 64);) {
      near_.word(k) |= near_.From(64 * static_cast<ptrdiff_t>(k) - shift);
    }
  }
  for (int32_t y = 0; y < height; ++y) {
    row_.Clear(width);
    const ptrdiff_t row = static_cast<ptrdiff_t>(y + kSpare) * width;
    for (size_t k = 0; k < row_.count(); ++k) {
      const ptrdiff_t i = row + 64 * static_cast<ptrdiff_t>(k);
      row_.word(k) = near_.From(i + 5 * width) | near_.From(i + 10 * width);
    }
    for (size_t x = row_.Next(true, 0, width); x < static_cast<size_t>(width);) {
      const size_t x1 = row_.Next(false, x, width);
      reach_.push_back({static_cast<uint16_t>(y), static_cast<uint16_t>(x), static_cast<uint16_t>(x1)});
      x = row_.Next(true, x1, width);
    }
  }
}

// Beyond the run's patches h and v are 0. A tile that the blob's box covers may be gone, or yet to come,
// where none of the blob's pixels is within kBlobMargin px of it.
void Stitcher::CopyReach(const Box& window, const BlobSpace& space) const {
  std::fill(space.h.begin(), space.h.end(), MapPixel{}.h);
  std::fill(space.v.begin(), space.v.end(), MapPixel{}.v);
  ForRunPatches(window, [&](uint32_t index) {
    const auto held = tiles_.find(index);
    if (held == tiles_.end()) return;
    const Tile& tile = held->second.tile;
    size_t place = 0;
    for (const Run& run : space.reach) {
      const int32_t y = window.y0 + run.y;
      const int32_t x0 = std::max(window.x0 + run.begin, tile.box.x0);
      const int32_t x1 = std::min(window.x0 + run.end, tile.box.x1);
      if (tile.box.y0 <= y && y < tile.box.y1 && x0 < x1) {
        const size_t from = tile.At(x0, y);
        const size_t to = place + (x0 - window.x0 - run.begin);
        std::copy_n(tile.h.begin() + from, x1 - x0, space.h.begin() + to);
        std::copy_n(tile.v.begin() + from, x1 - x0, space.v.begin() + to);
      }
      place += run.length();
    }
  });
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
