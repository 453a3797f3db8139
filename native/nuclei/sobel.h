#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace hoverslide {

// Half of the 21x21 Sobel kernel of OpenCV's getDerivKernels (not normalised), from the centre outwards: the
// smoothing [1 1]^20, symmetric, and the derivative [1 1]^19 * [-1 1], antisymmetric.
struct SobelKernel {
  static constexpr int kReach = 10;
  std::array<int32_t, kReach + 1> smooth;
  std::array<int32_t, kReach + 1> derive;
};

constexpr SobelKernel MakeSobelKernel() {
  constexpr int kTaps = 2 * SobelKernel::kReach + 1;
  std::array<int32_t, kTaps> smooth{1}, derive{-1, 1};
  const auto convolve = [](auto& taps) {  // by [1 1]
    for (int k = kTaps - 1; k > 0; --k) taps[k] += taps[k - 1];
  };
  for (int k = 0; k < kTaps - 1; ++k) convolve(smooth);
  for (int k = 0; k < kTaps - 2; ++k) convolve(derive);
  SobelKernel kernel{};
  for (int k = 0; k <= SobelKernel::kReach; ++k) {
    kernel.smooth[k] = smooth[SobelKernel::kReach + k];
    kernel.derive[k] = derive[SobelKernel::kReach + k];
  }
  return kernel;
}

inline constexpr SobelKernel kSobel = MakeSobelKernel();

// One row of both gradients of packed h and v: d/dx of h and d/dy of v, exact integers below 2^46 in units of
// 1/100 of the maps' own. Keeps its buffers between calls.
class SobelRow {
 public:
  // `h` and `v` are planes of packed values, `width` px per row; computes `count` px from (x, y) on. All
  // pixels within kReach must exist.
  void Compute(const int32_t* h, const int32_t* v, int32_t width, int32_t x, int32_t y, int32_t count);

  std::span<const double> h_gradient() const { return h_gradient_; }
  std::span<const double> v_gradient() const { return v_gradient_; }

 private:
  std::vector<double> h_smooth_, v_derived_, h_gradient_, v_gradient_;
};

}  // namespace hoverslide
