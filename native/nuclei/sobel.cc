#include "nuclei/sobel.h"

#include "nuclei/clones.h"

namespace hoverslide {
namespace {

constexpr int kReach = SobelKernel::kReach;

// Down the columns. Sums stay below 2^20 * 255 < 2^28; that the values are offset by 128 does not matter,
// since one of the two passes takes differences.
HOVERSLIDE_CLONES
void Columns(const int32_t* h, const int32_t* v, ptrdiff_t stride, int32_t count, double* h_smooth,
             double* v_derived) {
  for (int32_t i = 0; i < count; ++i) {
    int32_t smooth = kSobel.smooth[0] * h[i];
    int32_t derived = 0;
    for (int k = 1; k <= kReach; ++k) {
      smooth += kSobel.smooth[k] * (h[i + k * stride] + h[i - k * stride]);
      derived += kSobel.derive[k] * (v[i + k * stride] - v[i - k * stride]);
    }
    h_smooth[i] = smooth;
    v_derived[i] = derived;
  }
}

// Along the row, in doubles that hold integers (below 2^46): exact in any order.
HOVERSLIDE_CLONES
void Along(const double* h_smooth, const double* v_derived, int32_t count, double* h_gradient,
           double* v_gradient) {
  for (int32_t i = 0; i < count; ++i) {
    const double* h = h_smooth + i + kReach;
    const double* v = v_derived + i + kReach;
    double derived = 0;
    double smooth = kSobel.smooth[0] * v[0];
    for (int k = 1; k <= kReach; ++k) {
      derived += kSobel.derive[k] * (h[k] - h[-k]);
      smooth += kSobel.smooth[k] * (v[k] + v[-k]);
    }
    h_gradient[i] = derived;
    v_gradient[i] = smooth;
  }
}

}  // namespace

void SobelRow::Compute(const int32_t* h, const int32_t* v, int32_t width, int32_t x, int32_t y,
                       int32_t count) {
  h_gradient_.resize(count);
  v_gradient_.resize(count);
  h_smooth_.resize(count + 2 * kReach);
  v_derived_.resize(count + 2 * kReach);
  const ptrdiff_t start = static_cast<ptrdiff_t>(y) * width + x - kReach;
  Columns(h + start, v + start, width, count + 2 * kReach, h_smooth_.data(), v_derived_.data());
  Along(h_smooth_.data(), v_derived_.data(), count, h_gradient_.data(), v_gradient_.data());
}

}  // namespace hoverslide
