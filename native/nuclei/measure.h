#pragma once

#include <cstdint>
#include <span>

#include "nuclei/nuclei_block.h"
#include "nuclei/sums.h"

namespace hoverslide {

struct Ellipse {
  double major_axis, minor_axis, eccentricity, orientation;
};

// The ellipse with the same second moments, as scikit-image's regionprops has it (axes four times the square
// root of the covariance's eigenvalues, without the 1/12 of a pixel's own extent), but with the orientation
// as the angle of the major axis to the x axis, y pointing down, in (-pi/2, pi/2]; 0 where both axes are
// equal.
Ellipse EllipseOf(const NucleusSums& sums);

// Crofton's formula over four directions, from counts of chords, as scikit-image's perimeter_crofton.
double PerimeterOf(const NucleusSums& sums);

// The most frequent class; background (0) only where there is no other vote; ties go to the lower id.
uint8_t TypeOf(std::span<const int32_t> votes);

// Appends one row, without its outline. Grid coordinates plus (x0, y0) are those of model space.
void AppendMeasures(const NucleusSums& sums, std::span<const int32_t> votes, int64_t hull_pixels,
                    const Grid& grid, int32_t x0, int32_t y0, NucleiBlock& out);

}  // namespace hoverslide
