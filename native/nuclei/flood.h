#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "nuclei/bit_plane.h"
#include "nuclei/cancel.h"
#include "nuclei/flood_queue.h"
#include "nuclei/grid.h"

namespace hoverslide {

// What `labels` holds during a flooding beside the markers, which are positive.
inline constexpr int32_t kDry = 0;       // to be flooded
inline constexpr int32_t kOutside = -1;  // never flooded; the frame is

// Step 5 in reference.h, the watershed from markers as scikit-image 0.26 does it: 4-connected (up, left,
// right, down), a queue on the higher of a pixel's own level and its parent's, then age; no line between
// basins. Floods `labels` [grid] in place over `level` [grid], 0..2^28; dry pixels out of reach stay dry.

// Pixels of markers are aged in raster order: the result depends on the blob alone.
// `shore` has the markers' pixels next to a dry one.
void Flood(std::span<const int32_t> level, const Grid& grid, const BitPlane& shore, BucketQueue& queue,
           std::span<int32_t> labels);

// Pixels of markers are all of the same age and leave in the order of scikit-image's heap. Throws Cancelled
// soon after `cancelled`, if given, has become true.
void FloodLikeReference(std::span<const int32_t> level, const Grid& grid, std::span<int32_t> labels,
                        const std::atomic<bool>* cancelled = nullptr);

}  // namespace hoverslide
