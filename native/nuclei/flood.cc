#include "nuclei/flood.h"

#include <algorithm>

namespace hoverslide {
namespace {

struct Neighbours {
  int32_t steps[4];

  explicit Neighbours(const Grid& grid) : steps{-grid.width, -1, 1, grid.width} {}
  bool AnyDry(std::span<const int32_t> labels, int32_t pixel) const {
    return labels[pixel + steps[0]] == kDry || labels[pixel + steps[1]] == kDry ||
           labels[pixel + steps[2]] == kDry || labels[pixel + steps[3]] == kDry;
  }
};

template <typename Visit>
void ForMarkerPixels(std::span<const int32_t> labels, const Grid& grid, Visit visit) {
  for (int32_t y = kFrame; y < grid.height - kFrame; ++y) {
    const auto row = static_cast<int32_t>(grid.At(0, y));
    for (int32_t i = row + kFrame; i < row + grid.width - kFrame; ++i) {
      if (labels[i] > 0) visit(i);
    }
  }
}

}  // namespace

// Since no two pixels in the queue have the same age, one with nothing left to flood can stay out of it
// without any change of order among the others.
void Flood(std::span<const int32_t> level, const Grid& grid, BucketQueue& queue, std::span<int32_t> labels) {
  const Neighbours neighbours(grid);
  queue.Clear();
  ForMarkerPixels(labels, grid, [&](int32_t i) {
    if (neighbours.AnyDry(labels, i)) queue.Push({level[i], i});
  });
  while (!queue.empty()) {
    const FloodItem item = queue.Pop();
    for (const int32_t row : {-grid.width, 0, grid.width}) {
      __builtin_prefetch(labels.data() + queue.Soon() + row);
      __builtin_prefetch(level.data() + queue.Soon() + row);
    }
    const int32_t label = labels[item.pixel];
    for (const int32_t step : neighbours.steps) {
      const int32_t next = item.pixel + step;
      if (labels[next] != kDry) continue;
      labels[next] = label;
      if (neighbours.AnyDry(labels, next)) queue.Push({std::max(level[next], item.level), next});
    }
  }
}

void FloodLikeReference(std::span<const int32_t> level, const Grid& grid, std::span<int32_t> labels,
                        const std::atomic<bool>* cancelled) {
  const Neighbours neighbours(grid);
  ReferenceHeap heap;
  ForMarkerPixels(labels, grid, [&](int32_t i) { heap.Push({level[i], i}, 0); });
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
