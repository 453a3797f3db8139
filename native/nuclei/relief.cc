#include "nuclei/relief.h"

#include "nuclei/clones.h"

namespace hoverslide {

HOVERSLIDE_CLONES
void LevelsOf(std::span<const int32_t> depth, const Grid& grid, std::span<int32_t> level) {
  const ptrdiff_t w = grid.width;
  for (int32_t y = kFrame; y < grid.height - kFrame; ++y) {
    const int32_t* row = depth.data() + y * w;
    int32_t* out = level.data() + y * w;
    for (int32_t x = kFrame; x < grid.width - kFrame; ++x) {
      const int32_t* d = row + x;
      const int32_t corners = d[-w - 1] + d[-w + 1] + d[w - 1] + d[w + 1];
      const int32_t sides = d[-w] + d[-1] + d[1] + d[w];
      out[x] = 16 * kOne - (corners + 2 * sides + 4 * d[0]);
    }
  }
}

}  // namespace hoverslide
