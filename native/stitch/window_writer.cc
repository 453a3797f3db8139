#include "stitch/window_writer.h"

#include <algorithm>

namespace hoverslide {
namespace {

// Converts runs to a window's own coordinates and makes one of two that touch at a tile's border.
void JoinRuns(std::span<const PixelRun> runs, const Box& window, std::vector<Run>& out) {
  out.clear();
  int32_t end = INT32_MIN;
  for (const PixelRun& run : runs) {
    const auto y = static_cast<uint16_t>(run.y - window.y0);
    const auto x1 = static_cast<uint16_t>(run.x1 - window.x0);
    if (run.x0 == end && out.back().y == y) {
      out.back().end = x1;
    } else {
      out.push_back({y, static_cast<uint16_t>(run.x0 - window.x0), x1});
    }
    end = run.x1;
  }
}

// Copies h and v of what a tile knows of a blob's neighbourhood. Both lists of runs are in raster order.
void CopyKnown(const Tile& tile, const Box& window, const BlobSpace& space) {
  auto known = tile.known.begin();
  size_t from = 0;
  size_t to = 0;
  for (const Run& run : space.neighbourhood) {
    const int32_t y = window.y0 + run.y - tile.box.y0;  // from the tile's corner on
    const int32_t begin = window.x0 + run.begin - tile.box.x0;
    const int32_t end = begin + run.length();
    for (; known != tile.known.end() && (known->y < y || (known->y == y && known->end <= begin)); ++known) {
      from += known->length();
    }
    size_t place = from;
    for (auto part = known; part != tile.known.end() && part->y == y && part->begin < end; ++part) {
      const int32_t x0 = std::max<int32_t>(part->begin, begin);
      const int32_t x1 = std::min<int32_t>(part->end, end);
      std::copy_n(tile.h.begin() + place + (x0 - part->begin), x1 - x0, space.h.begin() + to + (x0 - begin));
      std::copy_n(tile.v.begin() + place + (x0 - part->begin), x1 - x0, space.v.begin() + to + (x0 - begin));
      place += part->length();
    }
    to += run.length();
  }
}

}  // namespace

void WindowWriter::CollectRuns(std::span<const PieceRef> pieces, const Box& within,
                               std::vector<PixelRun>& runs) const {
  runs.clear();
  for (const PieceRef& ref : pieces) {
    const Tile& tile = tiles_.At(ref.place);
    const Tile::Piece& piece = tile.pieces[ref.label - 1];
    const MapPixel* pixels = tile.pixels.data() + piece.pixels_begin;
    for (const Run& run : tile.RunsOf(piece)) {
      const int32_t y = tile.box.y0 + run.y;
      const int32_t begin = tile.box.x0 + run.begin;
      const int32_t x0 = std::max(begin, within.x0);
      const int32_t x1 = std::min(tile.box.x0 + run.end, within.x1);
      if (within.y0 <= y && y < within.y1 && x0 < x1) runs.push_back({y, x0, x1, pixels + (x0 - begin)});
      pixels += run.length();
    }
  }
  if (pieces.size() > 1) std::sort(runs.begin(), runs.end());
}

void WindowWriter::Append(const Box& box, const Box& owner, std::span<const PixelRun> runs,
                          std::vector<uint8_t>& out) {
  const Box window = Grown(box, kBlobMargin);
  JoinRuns(runs, window, runs_);
  const std::vector<Run>& around = neighbourhood_.Find(runs_, window.width(), window.height());
  const BlobSpace space = AppendBlob(
      out, {window, owner, static_cast<uint32_t>(runs_.size()), static_cast<uint32_t>(LengthOf(runs_)),
            static_cast<uint32_t>(around.size()), static_cast<uint32_t>(LengthOf(around))});
  std::copy(runs_.begin(), runs_.end(), space.runs.begin());
  std::copy(around.begin(), around.end(), space.neighbourhood.begin());
  MapPixel* pixel = space.pixels.data();
  for (const PixelRun& run : runs) pixel = std::copy_n(run.pixels, run.x1 - run.x0, pixel);
  CopyNeighbourhood(window, space);
}

void WindowWriter::AppendWhole(const OpenBlob& blob, std::vector<uint8_t>& out) {
  CollectRuns(blob.pieces, blob.box, collected_);
  Append(blob.box, Grown(blob.box, kBlobMargin), collected_, out);
}

// A tile within the window that is not in memory holds nothing of the neighbourhood, or is background.
void WindowWriter::CopyNeighbourhood(const Box& window, const BlobSpace& space) const {
  std::fill(space.h.begin(), space.h.end(), MapPixel{}.h);
  std::fill(space.v.begin(), space.v.end(), MapPixel{}.v);
  order_.ForEach(window, [&](uint32_t place) {
    if (const Tile* tile = tiles_.Find(place)) CopyKnown(*tile, window, space);
  });
}

}  // namespace hoverslide
