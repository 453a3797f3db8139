#include "nuclei/stain.h"

#include <cmath>

namespace hoverslide {
namespace {

// Optical densities of the pure stains in red, green and blue.
constexpr double kVectors[3][3] = {
    {0.65, 0.70, 0.29},  // haematoxylin
    {0.07, 0.99, 0.11},  // eosin
    {0.27, 0.57, 0.78},  // DAB
};

// Column `stain` of the inverse of kVectors, each vector scaled to length 1: the cross product of the other
// two over the determinant.
std::array<double, 3> Weights(int stain) {
  const double* a = kVectors[stain];
  const double* b = kVectors[(stain + 1) % 3];
  const double* c = kVectors[(stain + 2) % 3];
  const std::array<double, 3> cross = {b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2],
                                       b[0] * c[1] - b[1] * c[0]};
  const double determinant = a[0] * cross[0] + a[1] * cross[1] + a[2] * cross[2];
  const double length = std::sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
  return {cross[0] * length / determinant, cross[1] * length / determinant, cross[2] * length / determinant};
}

}  // namespace

StainTable::StainTable() {
  const std::array<double, 3> h = Weights(0);
  const std::array<double, 3> e = Weights(1);
  for (int channel = 0; channel < 3; ++channel) {
    for (int value = 0; value < 256; ++value) {
      const double density = -std::log10((value == 0 ? 1 : value) / 255.0);
      table_[channel][value] = int64_t{std::lround(density * e[channel] * kUnit)} * (int64_t{1} << 32) +
                               std::lround(density * h[channel] * kUnit);
    }
  }
}

const StainTable kStain;

}  // namespace hoverslide
