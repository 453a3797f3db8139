#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/cancel.h"
#include "nuclei/grid.h"

namespace hoverslide {

// What `labels` holds during a flooding beside the markers, which are positive.
inline constexpr int32_t kDry = 0;       // to be flooded
inline constexpr int32_t kOutside = -1;  // never flooded; the frame is

// The order in which the pixels of markers leave the queue where their levels are equal.
enum class MarkerOrder {
  kRaster,  // by raster order: depends on the blob alone
  kHeap,    // as they happen to leave scikit-image's heap, which takes them all to be of the same age
};

// Step 5 of the recipe, watershed from markers: 4-connected (up, left, right, down), a queue on the higher of
// a pixel's own level and its parent's, then age; no line between basins. As scikit-image 0.26's watershed().
class Flood {
 public:
  // Floods `labels` [grid] in place over `level` [grid], not negative; dry pixels out of reach stay dry.
  // Throws Cancelled soon after `cancelled`, if given, has become true.
  void Run(std::span<const int32_t> level, const Grid& grid, MarkerOrder order, std::span<int32_t> labels,
           const std::atomic<bool>* cancelled = nullptr);

 private:
  struct Item {
    uint64_t key;  // level << 32 | age
    int32_t index;
  };
  void Push(const Item& item);
  Item Pop();

  std::vector<Item> heap_;
};

}  // namespace hoverslide
