#include "nuclei/relief.h"

#include <algorithm>

#include "nuclei/clones.h"

namespace hoverslide {

namespace {

HOVERSLIDE_CLONES
void LevelRow(const int32_t* __restrict depth, ptrdiff_t w, ptrdiff_t count, int32_t* __restrict level) {
  for (ptrdiff_t x = 0; x < count; ++x) {
    const int32_t* d = depth + x;
    const int32_t corners = d[-w - 1] + d[-w + 1] + d[w - 1] + d[w + 1];
    const int32_t sides = d[-w] + d[-1] + d[1] + d[w];
    level[x] = 16 * kOne - (corners + 2 * sides + 4 * d[0]);
  }
}

}  // namespace

void LevelsOf(std::span<const int32_t> depth, const Grid& grid, std::span<const GridRun> runs,
              std::span<int32_t> level) {
  const auto end = static_cast<ptrdiff_t>(grid.size()) - grid.width - 1;  // of what has neighbours behind it
  for (const GridRun& run : runs) {
    const ptrdiff_t count = std::min<ptrdiff_t>((run.end - run.begin + 7) / 8 * 8, end - run.begin);
    LevelRow(depth.data() + run.begin, grid.width, count, level.data() + run.begin);
  }
}

}  // namespace hoverslide
