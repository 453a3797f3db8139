#include "nuclei/flood.h"

#include <algorithm>
#include <bit>

namespace hoverslide {
namespace {

struct Neighbours {
  int32_t steps[4];

  explicit Neighbours(const Grid& grid) : steps{-grid.width, -1, 1, grid.width} {}
  // Returns a bit for each neighbour, in their order: 1 where it is unlabelled. Without branches, which no
  // processor could predict here.
  unsigned Unlabelled(const int32_t* label) const {
    unsigned bits = 0;
    for (int k = 0; k < 4; ++k) bits |= static_cast<unsigned>(label[steps[k]] == kUnlabelled) << k;
    return bits;
  }
};

}  // namespace

// Pixels without an unlabelled neighbour never enter the queue. No two pixels in it have the same age, so the
// order of the others does not change.
void Flood(std::span<const int32_t> level, const Grid& grid, const BitPlane& frontier, BucketQueue& queue,
           std::span<int32_t> labels) {
  const Neighbours neighbours(grid);
  queue.Clear();
  for (size_t i = frontier.Next(true, 0, frontier.size()); i < frontier.size();) {
    queue.Push({level[i], static_cast<int32_t>(i)});
    i = frontier.Next(true, i + 1, frontier.size());
  }
  while (!queue.empty()) {
    const FloodItem item = queue.Pop();
    for (const int32_t row : {-2 * grid.width, -grid.width, 0, grid.width, 2 * grid.width}) {
      __builtin_prefetch(labels.data() + queue.Upcoming() + row);
    }
    for (const int32_t row : {-grid.width, 0, grid.width}) {
      __builtin_prefetch(level.data() + queue.Upcoming() + row);
    }
    const int32_t label = labels[item.pixel];
    for (unsigned left = neighbours.Unlabelled(&labels[item.pixel]); left != 0; left &= left - 1) {
      const int32_t next = item.pixel + neighbours.steps[std::countr_zero(left)];
      labels[next] = label;
      if (neighbours.Unlabelled(&labels[next]) != 0) queue.Push({std::max(level[next], item.level), next});
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
      if (labels[next] != kUnlabelled) continue;
      labels[next] = labels[item.pixel];
      heap.Push({std::max(level[next], item.level), next}, age++);
    }
  }
}

}  // namespace hoverslide
