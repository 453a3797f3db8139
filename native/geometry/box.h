// Pixels and rectangles of whole pixels, with the arithmetic that they need.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hoverslide {

struct Pixel {
  int32_t x, y;

  bool operator==(const Pixel&) const = default;
};

// Tells whether `a` comes before `b` in raster order: row by row, each from the left.
constexpr bool IsBefore(Pixel a, Pixel b) { return a.y != b.y ? a.y < b.y : a.x < b.x; }

// The pixels [x0, x1) by [y0, y1).
struct Box {
  int32_t x0, y0, x1, y1;

  int32_t width() const { return x1 - x0; }
  int32_t height() const { return y1 - y0; }
  bool contains(int32_t x, int32_t y) const { return x0 <= x && x < x1 && y0 <= y && y < y1; }
  bool operator==(const Box&) const = default;
};

// Joined with any box, gives that box.
inline constexpr Box kEmptyBox{INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};

// Moves each side outwards by `by` px.
constexpr Box Grown(const Box& box, int32_t by) {
  return {box.x0 - by, box.y0 - by, box.x1 + by, box.y1 + by};
}

// The smallest box that contains both.
constexpr Box Joined(const Box& a, const Box& b) {
  return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

// Tells whether two boxes share a pixel.
constexpr bool Overlap(const Box& a, const Box& b) {
  return std::max(a.x0, b.x0) < std::min(a.x1, b.x1) && std::max(a.y0, b.y0) < std::min(a.y1, b.y1);
}

// Divides, rounding towards minus infinity; `b` must be positive.
constexpr int32_t FloorDivide(int32_t a, int32_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

}  // namespace hoverslide
