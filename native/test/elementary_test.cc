#include "geometry/elementary.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>

using hoverslide::AngleOf;
using hoverslide::ExpOf;
using hoverslide::Log10Of;
using hoverslide::SineCosineOf;

namespace {

constexpr double kTolerance = 1e-15;

}  // namespace

TEST_CASE("elementary functions: values known by heart") {
  CHECK(ExpOf(0) == 1);
  CHECK(Log10Of(1) == 0);
  CHECK(Log10Of(0.5) == doctest::Approx(-0.30102999566398120).epsilon(1e-15));
  CHECK(SineCosineOf(0).sine == 0);
  CHECK(SineCosineOf(0).cosine == 1);
  CHECK(AngleOf(0, 0) == 0);
  CHECK(AngleOf(0, 2) == 0);
  CHECK(AngleOf(0, -2) == std::numbers::pi);
  CHECK(AngleOf(3, 0) == std::numbers::pi / 2);
  CHECK(AngleOf(-3, 0) == -std::numbers::pi / 2);
  CHECK(AngleOf(5, 5) == std::numbers::pi / 4);
  CHECK(AngleOf(-5, -5) == -(std::numbers::pi - std::numbers::pi / 4));
}

TEST_CASE("elementary functions: those of C's library, to the last digits") {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> angles(-std::numbers::pi, std::numbers::pi), powers(-700, 0),
      scales(-30, 30);
  for (int k = 0; k < 100000; ++k) {
    const double angle = angles(random), power = powers(random);
    CHECK(std::abs(ExpOf(power) / std::exp(power) - 1) <= kTolerance);
    CHECK(std::abs(Log10Of(std::exp(power)) / std::log10(std::exp(power)) - 1) <= kTolerance);
    const auto [sine, cosine] = SineCosineOf(angle);
    CHECK(std::abs(sine - std::sin(angle)) <= kTolerance);
    CHECK(std::abs(cosine - std::cos(angle)) <= kTolerance);
    const double y = std::sin(angle) * std::exp2(scales(random)),
                 x = std::cos(angle) * std::exp2(scales(random));
    CHECK(std::abs(AngleOf(y, x) / std::atan2(y, x) - 1) <= kTolerance);
  }
}
