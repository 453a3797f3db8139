#include "context/role_pyramid.h"

#include <algorithm>
#include <array>

namespace hoverslide {

RolePyramid::RolePyramid(const NucleiIndex& index) : index_(index) {
  Level finest{index.columns(), index.rows(), {}};
  finest.bits.resize(static_cast<size_t>(finest.columns) * finest.rows);
  size_t k = 0;
  for (int32_t row = 0; row < finest.rows; ++row)
    for (int32_t column = 0; column < finest.columns; ++column) finest.bits[k++] = index.RolesIn(column, row);
  levels_.push_back(std::move(finest));
  while (levels_.back().bits.size() > 1) {
    const Level& below = levels_.back();
    Level level{(below.columns + 1) / 2, (below.rows + 1) / 2, {}};
    level.bits.resize(static_cast<size_t>(level.columns) * level.rows);
    for (int32_t row = 0; row < below.rows; ++row)
      for (int32_t column = 0; column < below.columns; ++column)
        level.bits[static_cast<size_t>(row / 2) * level.columns + column / 2] |=
            below.bits[static_cast<size_t>(row) * below.columns + column];
    levels_.push_back(std::move(level));
  }
}

RolePyramid::Found RolePyramid::Nearest(double x, double y, uint32_t role, Found best) const {
  if (Has(role)) Search(levels_.size() - 1, 0, 0, x, y, role, best);
  return best;
}

void RolePyramid::Search(size_t level, int32_t column, int32_t row, double x, double y, uint32_t role,
                         Found& best) const {
  if (level == 0) {
    for (const IndexedNucleus& nucleus : index_.Run(row, column, column)) {
      if (nucleus.role != role) continue;
      const double squared = SquaredDistance(nucleus, x, y);
      if (squared > 0 && squared < best.squared) best = {squared, &nucleus};
    }
    return;
  }
  const Level& below = levels_[level - 1];
  const double side = NucleiIndex::kCell * static_cast<double>(int64_t{1} << (level - 1));
  const auto gap = [side](int32_t cell, double at) {
    const double low = cell * side, high = (cell + 1) * side;
    return at < low ? low - at : at > high ? at - high : 0.0;
  };
  struct Child {
    double distance;
    int32_t column, row;
  };
  std::array<Child, 4> children;
  size_t count = 0;
  for (int32_t r = 2 * row; r < std::min(2 * row + 2, below.rows); ++r) {
    for (int32_t c = 2 * column; c < std::min(2 * column + 2, below.columns); ++c) {
      if (!(below.bits[static_cast<size_t>(r) * below.columns + c] >> role & 1)) continue;
      const double dx = gap(c, x), dy = gap(r, y);
      // Rounding is monotonous: no nucleus in the cell comes out nearer than the cell does.
      Child child{dx * dx + dy * dy, c, r};
      size_t at = count++;
      for (; at > 0 && children[at - 1].distance > child.distance; --at) children[at] = children[at - 1];
      children[at] = child;
    }
  }
  for (size_t k = 0; k < count; ++k) {
    if (children[k].distance >= best.squared) return;
    Search(level - 1, children[k].column, children[k].row, x, y, role, best);
  }
}

}  // namespace hoverslide
