#include "nuclei/mask_outline.h"

#include <algorithm>

#include "nuclei/bit_plane.h"
#include "nuclei/grid.h"
#include "nuclei/label.h"
#include "nuclei/outline.h"

namespace hoverslide {

MaskOutline OutlineMask(std::span<const uint8_t> mask, int32_t width, int32_t height) {
  const Grid grid = Grid::Framing(width, height);
  BitPlane inside;
  inside.Clear(grid.size());
  for (int32_t y = 0; y < height; ++y) {
    for (int32_t x = 0; x < width; ++x) {
      const size_t i = grid.At(x + kFrame, y + kFrame);
      if (mask[static_cast<size_t>(y) * width + x] != 0) inside.Fill(i, i + 1);
    }
  }
  Components components;
  components.Find(inside, grid.width, grid.height);
  std::vector<int32_t> labels(grid.size(), 0);
  std::vector<GridRun> runs;
  for (const Components::Run& run : components.runs()) {
    std::fill(labels.begin() + run.begin, labels.begin() + run.end, run.component + 1);
    runs.push_back({run.begin, run.end});
  }
  Outlines outlines;
  outlines.Trace(labels, grid, runs);

  // A component's shell comes before its holes, so that a stable sort by component leaves it first.
  std::vector<Outlines::Ring> rings(outlines.rings().begin(), outlines.rings().end());
  std::stable_sort(rings.begin(), rings.end(),
                   [](const auto& a, const auto& b) { return a.label < b.label; });
  MaskOutline outline{{}, {0}, {}};
  int32_t label = 0;
  for (const Outlines::Ring& ring : rings) {
    if (ring.label != label)
      outline.polygon_ring.push_back(static_cast<uint32_t>(outline.ring_start.size() - 1));
    label = ring.label;
    for (const int32_t coordinate : outlines.vertices(ring)) outline.vertices.push_back(coordinate - kFrame);
    outline.ring_start.push_back(static_cast<uint32_t>(outline.vertices.size() / 2));
  }
  outline.polygon_ring.push_back(static_cast<uint32_t>(outline.ring_start.size() - 1));
  return outline;
}

}  // namespace hoverslide
