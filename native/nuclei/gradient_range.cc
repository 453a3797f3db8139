#include "nuclei/gradient_range.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <vector>

#include "nuclei/sobel.h"

namespace hoverslide {
namespace {

// One strip of the maps, [x0, x1) wide, as a window in which every pixel is known.
class Strip {
 public:
  Strip(std::span<const uint8_t> maps, int32_t width, int32_t height, int32_t x0, int32_t x1) {
    for (int32_t y = 0; y < height; ++y) {
      runs_.push_back({static_cast<uint16_t>(y), 0, static_cast<uint16_t>(x1 - x0)});
      for (int32_t x = x0; x < x1; ++x) {
        const uint8_t* pixel = maps.data() + 4 * (static_cast<size_t>(y) * width + x);
        h_.push_back(pixel[1]);
        v_.push_back(pixel[2]);
      }
    }
    const Box window{0, 0, x1 - x0, height};
    blob = {.window = window,
            .owner = window,
            .runs = {},
            .pixels = {},
            .neighbourhood = runs_,
            .h = h_,
            .v = v_};
  }

  BlobWindow blob;

 private:
  std::vector<Run> runs_;
  std::vector<uint8_t> h_, v_;
};

}  // namespace

std::array<double, 4> GradientRange(std::span<const uint8_t> maps, int32_t width, int32_t height,
                                    int32_t sobel) {
  constexpr int32_t kInner = PackedSobel::kWidest - 2 * kBlobMargin;
  if (width <= 2 * kBlobMargin || height <= 2 * kBlobMargin || height > UINT16_MAX ||
      maps.size() != 4 * static_cast<size_t>(width) * height) {
    throw std::invalid_argument("expected maps [height, width, 4] of more than 20 px each way");
  }
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::array<double, 4> range{kInfinity, -kInfinity, kInfinity, -kInfinity};
  PackedSobel gradients(MakeCheckedSobelKernel(sobel));
  for (int32_t x0 = 0; x0 + 2 * kBlobMargin < width; x0 += kInner) {
    const int32_t x1 = std::min(width, x0 + PackedSobel::kWidest);
    const Strip strip(maps, width, height, x0, x1);
    const int32_t count = x1 - x0 - 2 * kBlobMargin;
    gradients.Begin(strip.blob);
    for (int32_t y = kBlobMargin; y < height - kBlobMargin; ++y) {
      gradients.Row(kBlobMargin, y, count);
      const auto [h_min, h_max] = std::minmax_element(gradients.h_gradient(), gradients.h_gradient() + count);
      const auto [v_min, v_max] = std::minmax_element(gradients.v_gradient(), gradients.v_gradient() + count);
      range = {std::min(range[0], *h_min), std::max(range[1], *h_max), std::min(range[2], *v_min),
               std::max(range[3], *v_max)};
    }
  }
  for (double& value : range) value /= kPackedUnit;
  return range;
}

}  // namespace hoverslide
