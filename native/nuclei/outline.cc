#include "nuclei/outline.h"

#include <algorithm>

namespace hoverslide {

void Outlines::Trace(std::span<const int32_t> labels, const Grid& grid, std::span<const GridRun> runs) {
  rings_.clear();
  vertices_.clear();
  seen_.assign(grid.size(), 0);
  for (const GridRun& run : runs) {
    for (int32_t i = run.begin; i < run.end; ++i) {
      if (labels[i] > 0 && labels[i - grid.width] != labels[i] && !seen_[i])
        TraceRing(labels.data(), grid, i);
    }
  }
}

// Walks with the region on the right hand, from the upper left corner of a pixel along its upper side. That
// corner is one of the ring: an edge in line before it would have come first.
void Outlines::TraceRing(const int32_t* labels, const Grid& grid, int32_t start) {
  // Directions are right, down, left, up. A corner has the index of the pixel to its lower right.
  const int32_t w = grid.width;
  const int32_t step[] = {1, w, -1, -w};
  const int32_t step_x[] = {1, 0, -1, 0};
  const int32_t step_y[] = {0, 1, 0, -1};
  const int32_t ahead_left[] = {-w, 0, -1, -w - 1};
  const int32_t ahead_right[] = {0, -1, -w - 1, -w};
  int32_t x = start % w;
  int32_t y = start / w;
  const int32_t label = labels[start];
  Ring ring{label, static_cast<uint32_t>(vertices_.size() / 2), 0};
  const auto add_corner = [&] {
    vertices_.push_back(x);
    vertices_.push_back(y);
  };
  int32_t corner = start;
  int direction = 0;
  add_corner();
  do {
    if (direction == 0) seen_[corner] = 1;
    corner += step[direction];
    x += step_x[direction];
    y += step_y[direction];
    if (labels[corner + ahead_left[direction]] == label) {
      direction = (direction + 3) & 3;
      add_corner();
    } else if (labels[corner + ahead_right[direction]] != label) {
      direction = (direction + 1) & 3;
      add_corner();
    }
  } while (corner != start);
  ring.end = static_cast<uint32_t>(vertices_.size() / 2);
  rings_.push_back(ring);
}

}  // namespace hoverslide
