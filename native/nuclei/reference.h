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

// Post-processing as in the reference code of HoVer-Net (Graham et al. 2019), pixel for pixel what that gives
// with OpenCV 4.14, SciPy 1.17 and scikit-image 0.26. Each pixel depends on the whole map, by the two
// normalisations by minimum and maximum. Gives instances [height, width], 0 for background, numbered by their
// markers' first pixels (a marker that keeps no pixel of its own leaves a gap). Throws std::invalid_argument
// if sizes do not fit or a value is not finite, Cancelled soon after `cancelled`, if given, has become true.
std::vector<int32_t> ReferenceInstances(const FloatMaps& maps, const std::atomic<bool>* cancelled = nullptr);

}  // namespace hoverslide
