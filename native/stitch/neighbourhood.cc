#include "stitch/neighbourhood.h"

#include <algorithm>

namespace hoverslide {

// Widens runs, then joins each row with 1, 3, 7 and 15 rows above it, in a plane with rows to spare; two of
// these make the 10 rows above and below.
const std::vector<Run>& Neighbourhood::Find(std::span<const Run> runs, int32_t width, int32_t height) {
  static_assert(kBlobMargin == 10);
  constexpr int32_t kSpare = 16;
  near_.Clear(static_cast<size_t>(width) * (height + 2 * kSpare));
  for (const Run& run : runs) {
    const size_t row = static_cast<size_t>(run.y + kSpare) * width;
    near_.Fill(row + std::max(run.begin - kBlobMargin, 0), row + std::min(run.end + kBlobMargin, width));
  }
  for (const int32_t rows : {1, 2, 4, 8}) {
    const ptrdiff_t shift = static_cast<ptrdiff_t>(rows) * width;
    for (size_t k = near_.count(); k-- > static_cast<size_t>(shift / 64);) {
      near_.word(k) |= near_.From(64 * static_cast<ptrdiff_t>(k) - shift);
    }
  }
  found_.clear();
  for (int32_t y = 0; y < height; ++y) {
    row_.Clear(width);
    const ptrdiff_t row = static_cast<ptrdiff_t>(y + kSpare) * width;
    for (size_t k = 0; k < row_.count(); ++k) {
      const ptrdiff_t i = row + 64 * static_cast<ptrdiff_t>(k);
      row_.word(k) = near_.From(i + 5 * width) | near_.From(i + 10 * width);
    }
    for (size_t x = row_.Next(true, 0, width); x < static_cast<size_t>(width);) {
      const size_t x1 = row_.Next(false, x, width);
      found_.push_back({static_cast<uint16_t>(y), static_cast<uint16_t>(x), static_cast<uint16_t>(x1)});
      x = row_.Next(true, x1, width);
    }
  }
  return found_;
}

}  // namespace hoverslide
