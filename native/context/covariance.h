#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace hoverslide {

// The set covariance of a mask of square cells W: how much of W remains in W when it is shifted by v, for v
// up to two cells each way. It is bilinear between whole shifts, exactly, since W consists of squares.
class SetCovariance {
 public:
  static constexpr double kCell = 25;  // um
  static constexpr double kMost = 200;

  // mask: [height, width], nonzero in W. Throws std::invalid_argument if it is not of that size.
  SetCovariance(std::span<const uint8_t> mask, int32_t width, int32_t height);

  // |W| / |W and W + v|: the translation correction of a pair of points that are v apart, in um (Ohser 1983).
  // At most kMost, as in spatstat: a pair whose shift leaves next to nothing would outweigh all others.
  double Weight(double dx, double dy) const;

  // Cells of W that remain in it when it is shifted by whole cells, each of -kShifts..kShifts.
  double At(int32_t columns, int32_t rows) const {
    return shifts_[static_cast<size_t>(rows + kShifts) * kSide + static_cast<size_t>(columns + kShifts)];
  }

  static constexpr int32_t kShifts = 3;

 private:
  static constexpr size_t kSide = 2 * kShifts + 1;

  std::array<double, kSide * kSide> shifts_{};
};

}  // namespace hoverslide
