#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "geometry/box.h"
#include "nuclei/map_pixel.h"
#include "stitch/window_writer.h"

namespace hoverslide {

// How giant blobs are cut: a fixed lattice of cores in model space, each seen in a window that extends it by
// kCutMargin px on each side. Windows overlap; cores do not, and own the nuclei whose marker starts in them.
inline constexpr int32_t kCoreSide = 1024;
inline constexpr int32_t kCutMargin = (kMaxBlobSide - kCoreSide) / 2;

// Returns the window of a core.
constexpr Box CutWindowOf(const Box& core) { return Grown(core, kCutMargin); }

// Calls visit(core) for every core whose window overlaps `box`, row by row.
template <typename Visit>
void ForEachCore(const Box& box, Visit visit) {
  const Box grown = Grown(box, kCutMargin);
  for (int32_t j = FloorDivide(grown.y0, kCoreSide); j <= FloorDivide(grown.y1 - 1, kCoreSide); ++j) {
    for (int32_t i = FloorDivide(grown.x0, kCoreSide); i <= FloorDivide(grown.x1 - 1, kCoreSide); ++i) {
      visit(Box{i * kCoreSide, j * kCoreSide, (i + 1) * kCoreSide, (j + 1) * kCoreSide});
    }
  }
}

// A connected part of a blob within a window.
struct CutPart {
  Box box = kEmptyBox;
  int32_t area = 0;
  std::vector<PixelRun> runs;  // in raster order
};

// Divides runs in raster order, all within `window`, into 4-connected parts, ordered by their first pixels.
std::vector<CutPart> ConnectedParts(std::span<const PixelRun> runs, const Box& window);

}  // namespace hoverslide
