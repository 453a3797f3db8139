#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "nuclei/blob.h"
#include "nuclei/map_pixel.h"

namespace hoverslide {

// Half of a Sobel kernel of OpenCV's getDerivKernels (not normalised), from the centre outwards: of `size`
// taps the smoothing [1 1]^(size - 1), symmetric, and the derivative [1 1]^(size - 2) * [-1 1],
// antisymmetric. What lies beyond the taps of a smaller kernel is 0, so that all sizes are computed alike.
struct SobelKernel {
  static constexpr int kRadius = 10;
  static constexpr int kLargest = 2 * kRadius + 1;
  std::array<int32_t, kRadius + 1> smooth;
  std::array<int32_t, kRadius + 1> derive;
};

// `size` is odd, 3 to kLargest.
constexpr SobelKernel MakeSobelKernel(int size) {
  std::array<int32_t, SobelKernel::kLargest> smooth{1}, derive{-1, 1};
  const auto convolve = [size](auto& taps) {  // by [1 1]
    for (int k = size - 1; k > 0; --k) taps[k] += taps[k - 1];
  };
  for (int k = 0; k < size - 1; ++k) convolve(smooth);
  for (int k = 0; k < size - 2; ++k) convolve(derive);
  SobelKernel kernel{};
  const int radius = size / 2;
  for (int k = 0; k <= radius; ++k) {
    kernel.smooth[k] = smooth[radius + k];
    kernel.derive[k] = derive[radius + k];
  }
  return kernel;
}

// Throws std::invalid_argument unless `size` is as above.
inline SobelKernel MakeCheckedSobelKernel(int32_t size) {
  if (size < 3 || size > SobelKernel::kLargest || size % 2 == 0) {
    throw std::invalid_argument("the size of a Sobel must be odd and 3 to 21");
  }
  return MakeSobelKernel(size);
}

// The kernel of HoVer-Net's reference code.
inline constexpr SobelKernel kSobel = MakeSobelKernel(SobelKernel::kLargest);

// Packed h and v per unit of their own.
inline constexpr double kPackedUnit = 100;

// Both gradients of packed maps, row by row: d/dx of h and d/dy of v, exact integers below 2^46 in units of
// 1/100 of the maps' own. Holds no more than the rows under the kernel.
class PackedSobel {
 public:
  static constexpr int32_t kWidest = kMaxBlobSide + 2 * kBlobMargin;
  // Gradients are computed in groups of so many.
  static constexpr int32_t kGroup = 8;
  static constexpr int32_t Groups(int32_t count) { return (count + kGroup - 1) / kGroup; }

  explicit PackedSobel(const SobelKernel& kernel) : kernel_(kernel) {}

  // Starts on a blob. Its neighbourhood must have a run in each row of the window, which must be no wider
  // than kWidest.
  void Begin(const BlobWindow& blob);

  // Computes `count` px from (x, y) on; all pixels within kRadius should lie in the neighbourhood. Rows must
  // be asked for from the top down. What follows up to a multiple of kGroup can be read, but means nothing.
  void Row(int32_t x, int32_t y, int32_t count);

  // Of the last row that was computed.
  const double* h_gradient() const { return h_gradient_.data(); }
  const double* v_gradient() const { return v_gradient_.data(); }

 private:
  static constexpr int kRadius = SobelKernel::kRadius;
  void ReadUpTo(int32_t y);
  void KeepLastRows();

  SobelKernel kernel_;
  std::span<const Run> neighbourhood_;
  const uint8_t *h_, *v_;  // of what has not been read
  size_t next_ = 0;        // in neighbourhood_
  int32_t width_ = 0;
  ptrdiff_t stride_ = 0;  // from one row of the buffers to the next
  int32_t top_ = 0;       // row of the window that is the first of the buffers
  std::vector<int32_t> h_rows_, v_rows_;
  std::vector<double> h_smooth_, v_derived_;  // filtered down the columns
  std::vector<double> h_gradient_, v_gradient_;
};

}  // namespace hoverslide
