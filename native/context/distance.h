#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hoverslide {

// A mask on the 25 um grid of a slide, [height, width], nonzero inside.
struct CellMask {
  static constexpr double kCell = 25;  // um

  std::span<const uint8_t> cells;
  int32_t width, height;

  // Throws std::invalid_argument if there are more or fewer cells than that.
  void Check() const;
  bool At(int32_t x, int32_t y) const { return cells[static_cast<size_t>(y) * width + x] != 0; }
};

// Square of the distance, in cells, from each cell's centre to that of the nearest cell of the mask, exactly
// (Felzenszwalb and Huttenlocher 2012); -1 everywhere if the mask is empty.
std::vector<int32_t> SquaredDistances(const CellMask& mask);

// Distance in um from each cell's centre to the border between a region and what is outside of it: half a
// cell less than to the nearest cell of the other side. Negative in the region. -inf in a region without
// outside, NaN without region. `outside` need not be all cells that are not in the region.
std::vector<float> SignedDistances(const CellMask& region, const CellMask& outside);

// Distance in um from each cell's centre to the edge of the tissue, positive inside. Beyond the grid there is
// no tissue.
std::vector<float> TissueEdgeDistances(const CellMask& tissue);

// Value of a grid of cell centres at a point in um, bilinear between centres. Cells that are not in `valid`
// stand back for the point's own cell; at a point whose own cell is not in it, or whose value is not finite,
// the value of that cell.
// `valid` without cells stands for all cells.
double Interpolated(std::span<const float> grid, const CellMask& valid, double x, double y);

}  // namespace hoverslide
