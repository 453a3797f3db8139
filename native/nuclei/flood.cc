#include "nuclei/flood.h"

#include <algorithm>

namespace hoverslide {

void Flood::Run(std::span<const int32_t> level, const Grid& grid, MarkerOrder order,
                std::span<int32_t> labels, const std::atomic<bool>* cancelled) {
  const int32_t neighbours[] = {-grid.width, -1, 1, grid.width};
  const auto key = [](int32_t level, uint32_t age) { return static_cast<uint64_t>(level) << 32 | age; };
  heap_.clear();
  uint32_t age = 0;
  uint32_t popped = 0;
  for (int32_t y = kFrame; y < grid.height - kFrame; ++y) {
    for (int32_t x = kFrame; x < grid.width - kFrame; ++x) {
      const auto i = static_cast<int32_t>(grid.At(x, y));
      if (labels[i] <= 0) continue;
      if (order == MarkerOrder::kHeap) {
        Push({key(level[i], 0), i});
        continue;
      }
      // Ages are all different, so that a pixel with nothing to flood can be left out without a change of
      // order.
      for (const int32_t step : neighbours) {
        if (labels[i + step] != kDry) continue;
        Push({key(level[i], ++age), i});
        break;
      }
    }
  }
  while (!heap_.empty()) {
    const Item item = Pop();
    if ((++popped & 0xffff) == 0) ThrowIfCancelled(cancelled);
    const auto height = static_cast<int32_t>(item.key >> 32);
    for (const int32_t step : neighbours) {
      const int32_t next = item.index + step;
      if (labels[next] != kDry) continue;
      labels[next] = labels[item.index];
      Push({key(std::max(level[next], height), ++age), next});
    }
  }
}

// A binary heap that treats equal keys as scikit-image's does: up while strictly smaller than the parent; on
// the way down the left child goes before an equal right one, and neither before an equal parent.
void Flood::Push(const Item& item) {
  size_t hole = heap_.size();
  heap_.push_back(item);
  while (hole > 0) {
    const size_t parent = (hole - 1) / 2;
    if (heap_[parent].key <= item.key) break;
    heap_[hole] = heap_[parent];
    hole = parent;
  }
  heap_[hole] = item;
}

Flood::Item Flood::Pop() {
  const Item top = heap_.front();
  const Item last = heap_.back();
  heap_.pop_back();
  const size_t count = heap_.size();
  if (count == 0) return top;
  size_t hole = 0;
  for (size_t child = 1; child < count; child = 2 * hole + 1) {
    if (child + 1 < count && heap_[child + 1].key < heap_[child].key) ++child;
    if (last.key <= heap_[child].key) break;
    heap_[hole] = heap_[child];
    hole = child;
  }
  heap_[hole] = last;
  return top;
}

}  // namespace hoverslide
