#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "nuclei/bit_plane.h"
#include "nuclei/cancel.h"
#include "nuclei/flood_queue.h"
#include "nuclei/grid.h"

namespace hoverslide {

// Values of `labels` during a flooding, beside those of the markers, which are positive.
inline constexpr int32_t kUnlabelled = 0;  // to be flooded
inline constexpr int32_t kOutside = -1;    // never flooded; the frame has this value

// Step 5 in reference.h, the watershed from markers as scikit-image 0.26 does it: 4-connected (up, left,
// right, down), a queue ordered by the higher of a pixel's own level and its parent's, then by age; no line
// between basins. Both functions flood `labels` [grid] in place over `level` [grid], 0..2^28; pixels that no
// marker is connected to stay unlabelled.

// Floods with the markers' pixels aged in raster order, so that the result depends on the blob alone.
// `frontier` [grid] is 1 at the markers' pixels that have an unlabelled neighbour.
void Flood(std::span<const int32_t> level, const Grid& grid, const BitPlane& frontier, BucketQueue& queue,
           std::span<int32_t> labels);

// Floods with the markers' pixels all of the same age, leaving in the order of scikit-image's heap. Throws
// Cancelled soon after `cancelled`, if given, has become true.
void FloodLikeReference(std::span<const int32_t> level, const Grid& grid, std::span<int32_t> labels,
                        const std::atomic<bool>* cancelled = nullptr);

}  // namespace hoverslide
