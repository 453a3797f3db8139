#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "context/nuclei_index.h"

namespace hoverslide {

// Number of nuclei, sums and sums of squares of area and optical density, by square tile of the slide and
// role. Sums are integers inside, so they do not depend on the order of nuclei.
class TileSums {
 public:
  // What is summed, in this order.
  enum Sum { kArea, kAreaSquares, kDensity, kDensitySquares, kSums };

  // width, height: of the slide in um. side: of a tile, in um.
  TileSums(double width, double height, double side);

  // Adds nuclei with `used`. area in um2, density in OD. Throws std::invalid_argument for nuclei outside the
  // slide or values that are not finite.
  void Add(const NucleiColumns& nuclei, std::span<const float> area, std::span<const float> density);

  int32_t columns() const { return columns_; }
  int32_t rows() const { return rows_; }
  // [tiles, kRoles + 1], the last for nuclei without a role.
  std::vector<double> Counts() const;
  std::vector<double> Sums(Sum sum) const;

 private:
  struct Slot {
    uint64_t count = 0;
    std::array<__int128, kSums> sums{};
  };

  double width_, height_, side_;
  int32_t columns_, rows_;
  std::vector<Slot> slots_;
};

}  // namespace hoverslide
