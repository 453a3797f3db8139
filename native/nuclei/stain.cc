#include "nuclei/stain.h"

#include <cmath>
#include <stdexcept>

#include "geometry/elementary.h"

namespace hoverslide {
namespace {

using Vector = std::array<double, 3>;

constexpr std::array<Vector, 3> kFixed = {{
    {0.65, 0.70, 0.29},  // haematoxylin
    {0.07, 0.99, 0.11},  // eosin
    {0.27, 0.57, 0.78},  // DAB
}};

// Sine of the smallest angle between two stains that can be told apart.
constexpr double kLeastSine = 0.1;

Vector Cross(const Vector& b, const Vector& c) {
  return {b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2], b[0] * c[1] - b[1] * c[0]};
}

double Length(const Vector& a) { return std::sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]); }

// Column `stain` of the inverse of the vectors, each scaled to length 1: the cross product of the other two
// over the determinant.
Vector Weights(const std::array<Vector, 3>& vectors, int stain) {
  const Vector& a = vectors[stain];
  const Vector cross = Cross(vectors[(stain + 1) % 3], vectors[(stain + 2) % 3]);
  const double determinant = a[0] * cross[0] + a[1] * cross[1] + a[2] * cross[2];
  const double length = Length(a);
  return {cross[0] * length / determinant, cross[1] * length / determinant, cross[2] * length / determinant};
}

}  // namespace

StainTable::StainTable() { Fill(kFixed); }

StainTable::StainTable(const StainVectors& vectors) {
  const auto& [h, e] = vectors;
  const Vector third = Cross(h, e);
  // Written so that what is not a number is refused too.
  if (!(Length(third) >= kLeastSine * Length(h) * Length(e)) || !(Length(h) * Length(e) > 0) ||
      !std::isfinite(Length(h) * Length(e))) {
    throw std::invalid_argument("the vectors of the two stains are alike, or not finite");
  }
  Fill({h, e, third});
}

void StainTable::Fill(const std::array<Vector, 3>& vectors) {
  const Vector h = Weights(vectors, 0);
  const Vector e = Weights(vectors, 1);
  for (int channel = 0; channel < 3; ++channel) {
    for (int value = 0; value < 256; ++value) {
      const double density = -Log10Of((value == 0 ? 1 : value) / 255.0);
      table_[channel][value] = int64_t{std::lround(density * e[channel] * kUnit)} * (int64_t{1} << 32) +
                               std::lround(density * h[channel] * kUnit);
    }
  }
}

}  // namespace hoverslide
