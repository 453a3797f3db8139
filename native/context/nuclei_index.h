#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "geometry/elementary.h"

namespace hoverslide {

// Roles as in src/context/roles.ts, by number. kNoRole stands for classes without one.
inline constexpr int kTumour = 0;
inline constexpr int kImmune = 2;
inline constexpr int kRoles = 6;
inline constexpr int kNoRole = 6;

// Twice an orientation, which has no direction, as a direction. In fixed point: sums of it are integers,
// which do not depend on their order.
struct DoubledAngle {
  static constexpr int32_t kOne = (1 << 23) - 1;

  explicit DoubledAngle(float orientation) {
    const auto [sine, cosine] = SineCosineOf(2.0 * orientation);
    cos2 = static_cast<int32_t>(std::lround(cosine * kOne));
    sin2 = static_cast<int32_t>(std::lround(sine * kOne));
  }

  int32_t cos2, sin2;
};

// What the index keeps of a nucleus: 24 bytes, so that ten million are 240 MB.
struct IndexedNucleus {
  double x, y;  // um
  int32_t cos2 : 24;
  uint32_t role : 8;
  int32_t sin2 : 24;
  uint32_t type : 8;
};
static_assert(sizeof(IndexedNucleus) == 24);

// Nuclei of one row group, column by column. Only those with `used` count. `role` is 255 for none.
struct NucleiColumns {
  std::span<const double> x, y;  // um
  std::span<const float> orientation;
  std::span<const uint8_t> role, type, used;

  size_t count() const { return x.size(); }
  // Throws std::invalid_argument if the columns differ in length.
  void Check() const;
};

// The nuclei of a whole slide by 20 um cells, row by row of cells, within a cell by y, then x. So what is
// computed in this order does not depend on the order in which nuclei came.
class NucleiIndex {
 public:
  static constexpr double kCell = 20;

  // width, height: of the slide in um. capacity: number of nuclei to make room for.
  NucleiIndex(double width, double height, size_t capacity);

  // Throws std::invalid_argument for a nucleus outside the slide, std::logic_error after Finish.
  void Add(const NucleiColumns& nuclei);
  // Sorts. Must be called once, before anything is looked up.
  void Finish();

  int32_t columns() const { return columns_; }
  int32_t rows() const { return rows_; }
  std::span<const IndexedNucleus> nuclei() const { return nuclei_; }
  // First nucleus of cells first..last of a row, and the end of them.
  std::span<const IndexedNucleus> Run(int32_t row, int32_t first, int32_t last) const {
    const size_t begin = static_cast<size_t>(row) * columns_;
    const size_t from = starts_[begin + first], to = starts_[begin + last + 1];
    return {nuclei_.data() + from, to - from};
  }
  size_t PlaceOf(const IndexedNucleus& nucleus) const { return &nucleus - nuclei_.data(); }
  // Roles that occur in a cell, a bit each.
  uint8_t RolesIn(int32_t column, int32_t row) const;

  // Cell of a coordinate: cell c covers [c * 20, (c + 1) * 20), exactly.
  static int32_t CellOf(double at) {
    const double cell = std::floor(at / kCell);
    if (cell * kCell > at) return static_cast<int32_t>(cell) - 1;
    return static_cast<int32_t>(cell) + ((cell + 1) * kCell <= at);
  }

  // Calls visit(run of nuclei) for runs of cells that together hold all nuclei within `radius` of a point,
  // and some more.
  template <typename Visit>
  void EachRun(double x, double y, double radius, Visit&& visit) const {
    const double reach = radius + 1e-6;  // no rounding may leave out a cell that the circle just touches
    const int32_t top = std::max(0, CellOf(y - reach)), bottom = std::min(rows_ - 1, CellOf(y + reach));
    for (int32_t row = top; row <= bottom; ++row) {
      const double above = y - (row + 1) * kCell, below = row * kCell - y;
      const double off = std::max(0.0, std::max(above, below));
      const double half = std::sqrt(std::max(0.0, reach * reach - off * off)) + 1e-6;
      const int32_t first = std::max(0, CellOf(x - half)), last = std::min(columns_ - 1, CellOf(x + half));
      if (first <= last) visit(Run(row, first, last));
    }
  }

 private:
  size_t CellNumber(const IndexedNucleus& nucleus) const {
    return static_cast<size_t>(CellOf(nucleus.y)) * columns_ + CellOf(nucleus.x);
  }

  double width_, height_;
  int32_t columns_, rows_;
  bool finished_ = false;
  std::vector<IndexedNucleus> nuclei_;
  std::vector<uint32_t> starts_;
};

inline double SquaredDistance(const IndexedNucleus& nucleus, double x, double y) {
  const double dx = nucleus.x - x, dy = nucleus.y - y;
  return dx * dx + dy * dy;
}

}  // namespace hoverslide
