#pragma once

#include <cstdint>
#include <vector>

#include "context/distance.h"
#include "context/nuclei_index.h"

namespace hoverslide {

// Where tumour is, as its nuclei say: cells of 25 um where, after smoothing by a Gaussian of 50 um (cut off
// at four standard deviations), there are at least 300 tumour nuclei per mm2 and they are at least two fifths
// of all nuclei; closed by a disc of 50 um; within the tissue; in parts of at least 0.05 mm2 (4-connected);
// with holes below 0.01 mm2 (8-connected) filled where they are tissue.
std::vector<uint8_t> TumourRegion(const NucleiIndex& index, const CellMask& tissue);

// Closes a mask by a disc: a cell is in it if every disc of that radius (in cells) that holds the cell's
// centre meets the mask.
std::vector<uint8_t> Closed(const CellMask& mask, int32_t radius);

// Smooths counts per cell by a Gaussian of `sigma` cells, cut off at four sigma; beyond the grid there is
// nothing.
std::vector<double> Smoothed(std::span<const uint16_t> counts, int32_t width, int32_t height, double sigma);

// Length in mm of the border between a region and other tissue, by Crofton's formula over four directions
// (crossings of lines through the centres of cells), per square block of `side` cells, row by row; a crossing
// counts in the block of its cell of the region.
std::vector<double> InterfaceLength(const CellMask& region, const CellMask& tissue, int32_t side);

}  // namespace hoverslide
