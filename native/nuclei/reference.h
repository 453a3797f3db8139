#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace hoverslide {

// Maps of a net, [height, width] each, row-major.
struct FloatMaps {
  int32_t width, height;
  std::span<const float> np, h, v;
};

// Post-processes as the reference code of HoVer-Net does (Graham et al. 2019), pixel for pixel what that
// returns with OpenCV 4.14, SciPy 1.17 and scikit-image 0.26:
//   1. blobs: np >= 0.5, 4-connected, at least 10 px;
//   2. ridges: h and v each from minimum and maximum to 0..1, d/dx of h and d/dy of v by a Sobel of 21x21,
//   each to
//      0..1 again; the higher of 1 - one and 1 - the other;
//   3. levels: ridges within blobs, smoothed by a Gaussian of 3x3;
//   4. markers: blobs where ridges are below 0.4, holes filled, opened by an ellipse of 5x5, at least 10 px;
//   5. watershed of the levels from the markers within the blobs.
// Each pixel depends on the whole map, by the two passes of step 2.
// Returns instances [height, width], 0 for background, numbered by their markers' first pixels (a marker that
// keeps no pixel of its own leaves a gap). Throws std::invalid_argument if sizes do not fit or a value is not
// finite, Cancelled soon after `cancelled`, if given, has become true.
std::vector<int32_t> ReferenceInstances(const FloatMaps& maps, const std::atomic<bool>* cancelled = nullptr);

}  // namespace hoverslide
