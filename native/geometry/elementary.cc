#include "geometry/elementary.h"

#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

namespace hoverslide {
namespace {

// A constant in two parts: whole multiples of the first one are exact, the second one is the rest.
constexpr double kLn2 = 0x1.62e42fefap-1, kLn2Rest = 0x1.cf79abc9e3b398p-40;
constexpr double kHalfPi = 0x1.921fb544p+0, kHalfPiRest = 0x1.0b4611a626331p-34;

// Inverse tangent of t from -tan(pi/8) to tan(pi/8), by its series; the smallest terms first.
double SmallAngle(double t) {
  const double square = t * t;
  double sum = 0;
  for (int k = 43; k > 1; k -= 2) sum = square * ((k % 4 == 3 ? -1.0 : 1.0) / k + sum);
  return t + t * sum;
}

}  // namespace

double ExpOf(double x) {
  const double n = std::floor(x / std::numbers::ln2 + 0.5);
  const double rest = (x - n * kLn2) - n * kLn2Rest;
  double sum = 0;
  for (int k = 15; k > 0; --k) sum = rest / k * (1 + sum);
  return std::ldexp(1 + sum, static_cast<int>(n));
}

double Log10Of(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);  // from 0.5 to 1
  if (mantissa < std::numbers::sqrt2 / 2) {
    mantissa *= 2;
    --exponent;
  }
  const double t = (mantissa - 1) / (mantissa + 1), square = t * t;
  double sum = 0;
  for (int k = 25; k > 1; k -= 2) sum = square * (1.0 / k + sum);
  return (exponent * kLn2 + (exponent * kLn2Rest + 2 * (t + t * sum))) / std::numbers::ln10;
}

SineCosine SineCosineOf(double angle) {
  const double n = std::floor(angle / (std::numbers::pi / 2) + 0.5);
  const double rest = (angle - n * kHalfPi) - n * kHalfPiRest;
  const double square = rest * rest;
  double odd = 0, even = 0;
  for (int k = 18; k > 0; k -= 2) {
    odd = -square / (k * (k + 1)) * (1 + odd);
    even = -square / (k * (k - 1)) * (1 + even);
  }
  const double sine = rest + rest * odd, cosine = 1 + even;
  switch (static_cast<int64_t>(n) & 3) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

double AngleOf(double y, double x) {
  double small = std::abs(y), large = std::abs(x);
  if (small == 0 && large == 0) return 0;
  const bool steep = small > large;
  if (steep) std::swap(small, large);
  const bool near_diagonal = small > large * (std::numbers::sqrt2 - 1);
  double angle = near_diagonal ? std::numbers::pi / 4 - SmallAngle((large - small) / (large + small))
                               : SmallAngle(small / large);
  if (steep) angle = std::numbers::pi / 2 - angle;
  if (x < 0) angle = std::numbers::pi - angle;
  return y < 0 ? -angle : angle;
}

}  // namespace hoverslide
