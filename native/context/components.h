#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "context/distance.h"

namespace hoverslide {

// A connected component of a mask: its cells by number, row by row, in ascending order.
struct Component {
  std::vector<uint32_t> cells;
  bool at_border;  // of the grid
};

// Visits the components of a mask in raster order of their first cells. `eight`: cells that touch at a corner
// are connected too.
void EachComponent(const CellMask& mask, bool eight, const std::function<void(const Component&)>& visit);

// Sum of the weights of the cells of each 4-connected component, in raster order of first cells.
std::vector<double> ComponentSums(const CellMask& mask, std::span<const double> weights);

}  // namespace hoverslide
