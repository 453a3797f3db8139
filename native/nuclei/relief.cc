#include "nuclei/relief.h"

#include "nuclei/clones.h"

namespace hoverslide {

namespace {

HOVERSLIDE_CLONES
void LevelRow(const int32_t* __restrict depth, ptrdiff_t w, int32_t eights, int32_t* __restrict level) {
  for (int32_t x = 0; x < 8 * eights; ++x) {
    const int32_t* d = depth + x;
    const int32_t corners = d[-w - 1] + d[-w + 1] + d[w - 1] + d[w + 1];
    const int32_t sides = d[-w] + d[-1] + d[1] + d[w];
    level[x] = 16 * kOne - (corners + 2 * sides + 4 * d[0]);
  }
}

}  // namespace

void LevelsOf(std::span<const int32_t> depth, const Grid& grid, std::span<const GridRun> runs,
              std::span<int32_t> level) {
  for (const GridRun& run : runs) {
    LevelRow(depth.data() + run.begin, grid.width, (run.end - run.begin + 7) / 8, level.data() + run.begin);
  }
}

}  // namespace hoverslide
