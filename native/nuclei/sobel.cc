#include "nuclei/sobel.h"

#include <algorithm>

#include "nuclei/clones.h"

namespace hoverslide {
namespace {

constexpr int kRadius = SobelKernel::kRadius;
constexpr int32_t kGroup = PackedSobel::kGroup;
constexpr int32_t kRows = 64;  // before those that are still needed are moved up

HOVERSLIDE_CLONES
void Widen(const uint8_t* in, int32_t count, int32_t* __restrict out) {
  for (int32_t i = 0; i < count; ++i) out[i] = in[i];
}

// Down the columns around `row`. Sums stay below 2^20 * 255 < 2^28; that the values are offset by 128 does
// not matter, since one of the two passes takes differences.
HOVERSLIDE_CLONES
void SmoothColumns(const SobelKernel& kernel, const int32_t* row, ptrdiff_t stride, int32_t groups,
                   double* __restrict out) {
  for (int32_t i = 0; i < groups * kGroup; ++i) {
    int32_t sum = kernel.smooth[0] * row[i];
    for (int k = 1; k <= kRadius; ++k) sum += kernel.smooth[k] * (row[i + k * stride] + row[i - k * stride]);
    out[i] = sum;
  }
}

HOVERSLIDE_CLONES
void DeriveColumns(const SobelKernel& kernel, const int32_t* row, ptrdiff_t stride, int32_t groups,
                   double* __restrict out) {
  for (int32_t i = 0; i < groups * kGroup; ++i) {
    int32_t sum = 0;
    for (int k = 1; k <= kRadius; ++k) sum += kernel.derive[k] * (row[i + k * stride] - row[i - k * stride]);
    out[i] = sum;
  }
}

// Along the row, in doubles that hold integers (below 2^46): exact in any order.
HOVERSLIDE_CLONES
void AlongRow(const SobelKernel& kernel, const double* h_smooth, const double* v_derived, int32_t groups,
              double* __restrict h_gradient, double* __restrict v_gradient) {
  for (int32_t i = 0; i < groups * kGroup; ++i) {
    const double* h = h_smooth + i + kRadius;
    const double* v = v_derived + i + kRadius;
    double derived = 0;
    double smooth = kernel.smooth[0] * v[0];
    for (int k = 1; k <= kRadius; ++k) {
      derived += kernel.derive[k] * (h[k] - h[-k]);
      smooth += kernel.smooth[k] * (v[k] + v[-k]);
    }
    h_gradient[i] = derived;
    v_gradient[i] = smooth;
  }
}

template <typename T>
void Grow(std::vector<T>& buffer, size_t size) {
  buffer.resize(std::max(buffer.size(), size));
}

}  // namespace

void PackedSobel::Begin(const BlobWindow& blob) {
  neighbourhood_ = blob.neighbourhood;
  h_ = blob.h.data();
  v_ = blob.v.data();
  width_ = blob.window.width();
  stride_ = Groups(width_ + 2 * kGroup) * kGroup;  // groups are read up to 12 px beyond a row
  next_ = 0;
  top_ = 0;
  Grow(h_rows_, kRows * static_cast<size_t>(stride_));
  Grow(v_rows_, kRows * static_cast<size_t>(stride_));
  for (std::vector<double>* row : {&h_smooth_, &v_derived_, &h_gradient_, &v_gradient_}) {
    Grow(*row, static_cast<size_t>(stride_));
  }
}

// All but the last rows under the kernel are done with.
void PackedSobel::KeepLastRows() {
  constexpr int32_t kDone = kRows - 2 * kRadius;
  for (std::vector<int32_t>* rows : {&h_rows_, &v_rows_}) {
    for (int32_t y = kDone; y < kRows; ++y) {
      const int32_t* row = rows->data() + y * stride_;
      std::copy(row, row + width_, rows->data() + (y - kDone) * stride_);
    }
  }
  top_ += kDone;
}

void PackedSobel::ReadUpTo(int32_t y) {
  for (; next_ < neighbourhood_.size() && neighbourhood_[next_].y <= y; ++next_) {
    const Run& run = neighbourhood_[next_];
    if (run.y - top_ == kRows) KeepLastRows();
    const size_t place = static_cast<size_t>(run.y - top_) * stride_ + run.begin;
    Widen(h_, run.length(), h_rows_.data() + place);
    Widen(v_, run.length(), v_rows_.data() + place);
    h_ += run.length();
    v_ += run.length();
  }
}

void PackedSobel::Row(int32_t x, int32_t y, int32_t count) {
  ReadUpTo(y + kRadius);
  const size_t start = static_cast<size_t>(y - top_) * stride_ + x - kRadius;
  const int32_t groups = Groups(count);
  const int32_t wide = Groups(groups * kGroup + 2 * kRadius);
  SmoothColumns(kernel_, h_rows_.data() + start, stride_, wide, h_smooth_.data());
  DeriveColumns(kernel_, v_rows_.data() + start, stride_, wide, v_derived_.data());
  AlongRow(kernel_, h_smooth_.data(), v_derived_.data(), groups, h_gradient_.data(), v_gradient_.data());
}

}  // namespace hoverslide
