#pragma once

#include <cstdint>
#include <vector>

#include "context/nuclei_index.h"

namespace hoverslide {

// Says where roles occur, from cells of the index up to the whole slide, each level half as fine as the one
// below. With it the nearest nucleus of a role is found however far it is, and a role that is rare or absent
// costs little.
class RolePyramid {
 public:
  explicit RolePyramid(const NucleiIndex& index);

  struct Found {
    double squared;  // of the distance in um2
    const IndexedNucleus* nucleus;
  };

  // The nearest nucleus of a role that does not lie at the very point, if it is nearer than `best`; else
  // `best`.
  Found Nearest(double x, double y, uint32_t role, Found best) const;
  // Whether any nucleus has the role.
  bool Has(uint32_t role) const { return levels_.back().bits[0] >> role & 1; }

 private:
  struct Level {
    int32_t columns, rows;
    std::vector<uint8_t> bits;  // [rows, columns], a bit per role
  };

  void Search(size_t level, int32_t column, int32_t row, double x, double y, uint32_t role,
              Found& best) const;

  const NucleiIndex& index_;
  std::vector<Level> levels_;  // from the finest to a single cell
};

}  // namespace hoverslide
