#include "nuclei/sobel.h"

#include <algorithm>

#include "nuclei/clones.h"

namespace hoverslide {
namespace {

constexpr int kReach = SobelKernel::kReach;
using Rows = std::array<const int32_t*, 2 * kReach + 1>;

HOVERSLIDE_CLONES
void Split(const MapPixel* pixels, int32_t count, int32_t* __restrict h, int32_t* __restrict v) {
  for (int32_t i = 0; i < count; ++i) {
    const uint64_t word = WordOf(pixels[i]);
    h[i] = static_cast<int32_t>(word >> 8 & 0xff);
    v[i] = static_cast<int32_t>(word >> 16 & 0xff);
  }
}

// Down the columns. Sums stay below 2^20 * 255 < 2^28; that the values are offset by 128 does not matter,
// since one of the two passes takes differences.
HOVERSLIDE_CLONES
void SmoothColumns(const Rows& rows, int32_t count, double* __restrict out) {
  const Rows r = rows;
  for (int32_t i = 0; i < count; ++i) {
    int32_t sum = kSobel.smooth[0] * r[kReach][i];
    for (int k = 1; k <= kReach; ++k) sum += kSobel.smooth[k] * (r[kReach + k][i] + r[kReach - k][i]);
    out[i] = sum;
  }
}

HOVERSLIDE_CLONES
void DeriveColumns(const Rows& rows, int32_t count, double* __restrict out) {
  const Rows r = rows;
  for (int32_t i = 0; i < count; ++i) {
    int32_t sum = 0;
    for (int k = 1; k <= kReach; ++k) sum += kSobel.derive[k] * (r[kReach + k][i] - r[kReach - k][i]);
    out[i] = sum;
  }
}

// Along the row, in doubles that hold integers (below 2^46): exact in any order.
HOVERSLIDE_CLONES
void AlongRow(const double* h_smooth, const double* v_derived, int32_t count, double* __restrict h_gradient,
              double* __restrict v_gradient) {
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

void Grow(std::vector<int32_t>& buffer, size_t size) { buffer.resize(std::max(buffer.size(), size)); }
void Grow(std::vector<double>& buffer, size_t size) { buffer.resize(std::max(buffer.size(), size)); }

}  // namespace

void PackedSobel::Begin(std::span<const MapPixel> window, int32_t width) {
  window_ = window;
  width_ = width;
  read_ = 0;
  const auto size = static_cast<size_t>(width);
  Grow(h_, kTaps * size);
  Grow(v_, kTaps * size);
  Grow(h_smooth_, size);
  Grow(v_derived_, size);
  Grow(h_gradient_, size);
  Grow(v_gradient_, size);
}

void PackedSobel::Row(int32_t x, int32_t y, int32_t count) {
  const auto place = [&](int32_t row) { return static_cast<size_t>(row % kTaps) * width_; };
  for (; read_ <= y + kReach; ++read_) {
    Split(window_.data() + static_cast<size_t>(read_) * width_, width_, h_.data() + place(read_),
          v_.data() + place(read_));
  }
  Rows h_rows, v_rows;
  for (int k = 0; k < kTaps; ++k) {
    const size_t start = place(y - kReach + k) + x - kReach;
    h_rows[k] = h_.data() + start;
    v_rows[k] = v_.data() + start;
  }
  SmoothColumns(h_rows, count + 2 * kReach, h_smooth_.data());
  DeriveColumns(v_rows, count + 2 * kReach, v_derived_.data());
  AlongRow(h_smooth_.data(), v_derived_.data(), count, h_gradient_.data(), v_gradient_.data());
}

}  // namespace hoverslide
