#include "nuclei/reference_sobel.h"

#include <cfloat>
#include <cmath>

#include "nuclei/clones.h"

namespace hoverslide {
namespace {

constexpr int kRadius = SobelKernel::kRadius;

HOVERSLIDE_CLONES
void AlongRow(const double* in, int32_t width, const double* taps, double* out) {
  for (int32_t x = 0; x < width; ++x) {
    double sum = taps[0] * in[x];
    for (int k = 1; k <= 2 * kRadius; ++k) sum += taps[k] * in[x + k];
    out[x] = sum;
  }
}

HOVERSLIDE_CLONES
void AddSmoothed(const double* above, const double* below, double tap, int32_t width, double* out) {
  for (int32_t x = 0; x < width; ++x) out[x] += tap * (below[x] + above[x]);
}

HOVERSLIDE_CLONES
void AddDerived(const double* above, const double* below, double tap, int32_t width, double* out) {
  for (int32_t x = 0; x < width; ++x) out[x] += tap * (below[x] - above[x]);
}

}  // namespace

int32_t Reflected(int32_t index, int32_t length) {
  if (length == 1) return 0;
  while (index < 0 || index >= length) index = index < 0 ? -index : 2 * (length - 1) - index;
  return index;
}

MinMaxScale::MinMaxScale(double min, double max) {
  const double range = max - min;
  scale = static_cast<float>(range > DBL_EPSILON ? 1 / range : 0);
  shift = -static_cast<float>(min * scale);
}

float MinMaxScale::operator()(float value) const {
  return std::fma(value, static_cast<float>(scale), static_cast<float>(shift));
}

float MinMaxScale::operator()(double value) const {
  return static_cast<float>(std::fma(value, scale, shift));
}

FloatSobel::FloatSobel(std::span<const float> map, int32_t width, int32_t height, Axis axis,
                       const MinMaxScale& scale)
    : map_(map), width_(width), height_(height), axis_(axis), scale_(scale) {
  padded_.resize(width + 2 * size_t{kRadius});
  out_.resize(width);
  for (std::vector<double>& row : rows_) row.resize(width);
  for (int32_t y = -kRadius; y < kRadius; ++y) FilterRow(y);
}

// Row y, which may lie beyond the border, normalised and filtered along x.
void FloatSobel::FilterRow(int32_t y) {
  const float* row = map_.data() + static_cast<size_t>(Reflected(y, height_)) * width_;
  for (int32_t x = 0; x < width_; ++x) padded_[x + kRadius] = scale_(row[x]);
  for (int32_t k = 1; k <= kRadius; ++k) {
    padded_[kRadius - k] = padded_[kRadius + Reflected(-k, width_)];
    padded_[kRadius + width_ - 1 + k] = padded_[kRadius + Reflected(width_ - 1 + k, width_)];
  }
  std::array<double, kTaps> taps;
  for (int k = -kRadius; k <= kRadius; ++k) {
    if (axis_ == Axis::kX) {
      taps[k + kRadius] = k < 0 ? -kSobel.derive[-k] : kSobel.derive[k];
    } else {
      taps[k + kRadius] = kSobel.smooth[std::abs(k)];
    }
  }
  AlongRow(padded_.data(), width_, taps.data(), rows_[(y + kRadius) % kTaps].data());
}

std::span<const double> FloatSobel::Next() {
  const int32_t y = next_++;
  FilterRow(y + kRadius);
  const auto row = [&](int32_t offset) { return rows_[(y + offset + kRadius) % kTaps].data(); };
  for (int32_t x = 0; x < width_; ++x) out_[x] = axis_ == Axis::kX ? kSobel.smooth[0] * row(0)[x] : 0;
  for (int k = 1; k <= kRadius; ++k) {
    if (axis_ == Axis::kX) {
      AddSmoothed(row(-k), row(k), kSobel.smooth[k], width_, out_.data());
    } else {
      AddDerived(row(-k), row(k), kSobel.derive[k], width_, out_.data());
    }
  }
  return out_;
}

}  // namespace hoverslide
