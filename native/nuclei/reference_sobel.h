#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/sobel.h"

namespace hoverslide {

enum class Axis { kX, kY };

// Index of the pixel that stands for one beyond the border of `length` px: mirrored without repeating the
// border pixel (OpenCV's BORDER_REFLECT_101).
int32_t Reflected(int32_t index, int32_t length);

// A linear map of values as OpenCV's normalize(NORM_MINMAX) to 0..1 in float32 chooses it: with a float scale
// and shift, multiplied and added with one rounding. Values that are all the same become 0.
struct MinMaxScale {
  double scale, shift;

  MinMaxScale(double min, double max);
  float operator()(float value) const;
  float operator()(double value) const;
};

// Rows of the gradient of a map along one axis: OpenCV's Sobel of 21x21 from float32 to float64, each sum in
// OpenCV's order, along rows first, so that even the last bit is the same.
class FloatSobel {
 public:
  // The map [height, width] is put through `scale` first.
  FloatSobel(std::span<const float> map, int32_t width, int32_t height, Axis axis, const MinMaxScale& scale);

  // The next row from the top, `width` px; valid until the next call. Call at most `height` times.
  std::span<const double> Next();

 private:
  static constexpr int kRadius = SobelKernel::kRadius;
  static constexpr int kTaps = 2 * kRadius + 1;
  void FilterRow(int32_t y);

  std::span<const float> map_;
  int32_t width_, height_;
  Axis axis_;
  MinMaxScale scale_;
  int32_t next_ = 0;
  std::vector<double> padded_, out_;
  std::array<std::vector<double>, kTaps> rows_;  // row y filtered along x lies at (y + kRadius) % kTaps
};

}  // namespace hoverslide
