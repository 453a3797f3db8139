#include "nuclei/flood.h"

#include <algorithm>
#include <bit>

namespace hoverslide {
namespace {

struct Neighbours {
  int32_t steps[4];

  explicit Neighbours(const Grid& grid) : steps{-grid.width, -1, 1, grid.width} {}
  // A bit for each, in their order. Without branches, which could not be foretold.
  unsigned Dry(const int32_t* label) const {
    unsigned dry = 0;
    for (int k = 0; k < 4; ++k) dry |= static_cast<unsigned>(label[steps[k]] == kDry) << k;
    return dry;
  }
};

}  // namespace

// Since no two pixels in the queue have the same age, one with nothing left to flood can stay out of it
// without any change of order among the others.
void Flood(std::span<const int32_t> level, const Grid& grid, const BitPlane& shore, BucketQueue& queue,
           std::span<int32_t> labels) {
  const Neighbours neighbours(grid);
  queue.Clear();
  for (size_t i = shore.Next(true, 0, shore.size()); i < shore.size();) {
    queue.Push({level[i], static_cast<int32_t>(i)});
    i = shore.Next(true, i + 1, shore.size());
  }
  while (!queue.empty()) {
    const FloodItem item = queue.Pop();
    for (const int32_t row : {-2 * grid.width, -grid.width, 0, grid.width, 2 * grid.width}) {
      __builtin_prefetch(labels.data() + queue.Soon() + row);
    }
    for (const int32_t row : {-grid.width, 0, grid.width}) {
      __builtin_prefetch(level.data() + queue.Soon() + row);
    }
    const int32_t label = labels[item.pixel];
    for (unsigned dry = neighbours.Dry(&labels[item.pixel]); dry != 0; dry &= dry - 1) {
      const int32_t next = item.pixel + neighbours.steps[std::countr_zero(dry)];
      labels[next] = label;
      if (neighbours.Dry(&labels[next]) != 0) queue.Push({std::max(level[next], item.level), next});
    }
  }
}

void FloodLikeReference(std::span<const int32_t> level, const Grid& grid, std::span<int32_t> labels,
                        const std::atomic<bool>* cancelled) {
  const Neighbours neighbours(grid);
  ReferenceHeap heap;
  for (int32_t y = kFrame; y < grid.height - kFrame; ++y) {
    const auto row = static_cast<int32_t>(grid.At(0, y));
    for (int32_t i = row + kFrame; i < row + grid.width - kFrame; ++i) {
      if (labels[i] > 0) heap.Push({level[i], i}, 0);
    }
  }
  for (uint32_t age = 1, popped = 1; !heap.empty(); ++popped) {
    if (popped % 65536 == 0) ThrowIfCancelled(cancelled);
    const FloodItem item = heap.Pop();
    for (const int32_t step : neighbours.steps) {
      const int32_t next = item.pixel + step;
      if (labels[next] != kDry) continue;
      labels[next] = labels[item.pixel];
      heap.Push({std::max(level[next], item.level), next}, age++);
    }
  }
}

}  // namespace hoverslide
