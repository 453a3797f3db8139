#include "nuclei/hull.h"

#include <algorithm>

namespace hoverslide {
namespace {

constexpr int64_t kNone = INT64_MIN;

int64_t FloorOfRatio(int64_t dividend, int64_t divisor) {
  return dividend / divisor - (dividend % divisor < 0);
}

}  // namespace

int64_t Hull::PixelCount(std::span<const int32_t> outline, int32_t y0, int32_t y1) {
  FindExtremes(outline, y0, y1);
  return Reach(right_) + Reach(left_) + (y1 - y0);
}

// Only the first and the last pixel of a row can shape the hull. Those on the left are kept negative: then
// both sides are the same problem.
void Hull::FindExtremes(std::span<const int32_t> outline, int32_t y0, int32_t y1) {
  left_.assign(y1 - y0, kNone);
  right_.assign(y1 - y0, kNone);
  for (size_t k = 0; k + 3 < outline.size(); k += 2) {
    const int32_t x = outline[k];
    if (x != outline[k + 2]) continue;
    const auto [top, bottom] = std::minmax(outline[k + 1], outline[k + 3]);
    for (int32_t row = top - y0; row < bottom - y0; ++row) {
      left_[row] = std::max<int64_t>(left_[row], -x);
      right_[row] = std::max<int64_t>(right_[row], x - 1);
    }
  }
}

// Sum over the rows of the last pixel in the hull. The hull's chain is a monotone one (Andrew 1979); rows
// come sorted.
int64_t Hull::Reach(std::span<const int64_t> extremes) {
  halves_.assign(2 * extremes.size() + 1, kNone);
  for (size_t row = 0; row < extremes.size(); ++row) {
    if (extremes[row] == kNone) continue;
    const int64_t x = 2 * extremes[row];
    halves_[2 * row] = std::max(halves_[2 * row], x);  // middles of the pixel's upper, right and lower edge
    halves_[2 * row + 1] = x + 1;
    halves_[2 * row + 2] = x;
  }
  chain_.clear();
  for (size_t y = 0; y < halves_.size(); ++y) {
    if (halves_[y] == kNone) continue;
    const Point point{halves_[y], static_cast<int64_t>(y)};
    const auto bends_inwards = [&] {
      const Point& a = chain_[chain_.size() - 2];
      const Point& b = chain_.back();
      return (b.x - a.x) * (point.y - a.y) <= (point.x - a.x) * (b.y - a.y);
    };
    while (chain_.size() >= 2 && bends_inwards()) chain_.pop_back();
    chain_.push_back(point);
  }
  int64_t sum = 0;
  for (size_t k = 1; k < chain_.size(); ++k) {
    const Point& a = chain_[k - 1];
    const Point& b = chain_[k];
    const int64_t height = b.y - a.y;
    // Centres of pixels lie in every other row; one at a vertex counts for the piece that ends there.
    for (int64_t y = (a.y + 1) | 1; y <= b.y; y += 2) {
      sum += FloorOfRatio(a.x * height + (b.x - a.x) * (y - a.y), 2 * height);
    }
  }
  return sum;
}

}  // namespace hoverslide
