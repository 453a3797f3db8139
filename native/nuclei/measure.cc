#include "nuclei/measure.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "geometry/elementary.h"
#include "nuclei/stain.h"

namespace hoverslide {
namespace {

__extension__ using Wide = __int128;

// n^2 times a covariance of two quantities with these sums; exact before the last conversion.
double ScaledCovariance(int64_t n, int64_t ab, int64_t a, int64_t b) {
  return static_cast<double>(static_cast<Wide>(n) * ab - static_cast<Wide>(a) * b);
}

double Mean(int64_t sum, int64_t n, double unit) {
  return static_cast<double>(sum) / (static_cast<double>(n) * unit);
}

double Deviation(int64_t n, int64_t squares, int64_t sum, double unit) {
  return std::sqrt(ScaledCovariance(n, squares, sum, sum)) / (static_cast<double>(n) * unit);
}

// Mean of pixel centres, where pixel `origin` + k covers a whole px from there on: one rounding.
double Centre(int32_t origin, int64_t sum, int64_t n) {
  return static_cast<double>(2 * (n * origin + sum) + n) / static_cast<double>(2 * n);
}

}  // namespace

Ellipse EllipseOf(const NucleusSums& s) {
  const double xx = ScaledCovariance(s.n, s.xx, s.x, s.x);
  const double yy = ScaledCovariance(s.n, s.yy, s.y, s.y);
  const double xy = ScaledCovariance(s.n, s.xy, s.x, s.y);
  const double half = (xx - yy) / 2;
  const double root = std::sqrt(half * half + xy * xy);
  const double large = (xx + yy) / 2 + root;
  const double small = std::max(0.0, (xx + yy) / 2 - root);
  const double n = static_cast<double>(s.n);
  return {
      4 * std::sqrt(large) / n,
      4 * std::sqrt(small) / n,
      large > 0 ? std::sqrt(1 - small / large) : 0,
      0.5 * AngleOf(2 * xy, xx - yy),
  };
}

double PerimeterOf(const NucleusSums& s) {
  return std::numbers::pi / 4 *
         (static_cast<double>(s.straight) + static_cast<double>(s.diagonal) / std::numbers::sqrt2);
}

uint8_t TypeOf(std::span<const int32_t> votes) {
  size_t type = 0;
  for (size_t id = 1; id < votes.size(); ++id) {
    if (votes[id] > (type == 0 ? 0 : votes[type])) type = id;
  }
  return static_cast<uint8_t>(type);
}

void AppendMeasures(const NucleusSums& s, std::span<const int32_t> votes, int64_t hull_pixels,
                    const Grid& grid, int32_t x0, int32_t y0, NucleiBlock& out) {
  const double n = static_cast<double>(s.n);
  out.first_pixel.insert(out.first_pixel.end(), {x0 + s.first % grid.width, y0 + s.first / grid.width});
  out.box.insert(out.box.end(), {x0 + s.x0, y0 + s.y0, s.x1 - s.x0, s.y1 - s.y0});
  out.area.push_back(static_cast<int32_t>(s.n));
  out.centroid.insert(out.centroid.end(), {Centre(x0, s.x, s.n), Centre(y0, s.y, s.n)});
  out.perimeter.push_back(PerimeterOf(s));
  const Ellipse ellipse = EllipseOf(s);
  out.major_axis.push_back(ellipse.major_axis);
  out.minor_axis.push_back(ellipse.minor_axis);
  out.eccentricity.push_back(ellipse.eccentricity);
  out.orientation.push_back(ellipse.orientation);
  out.solidity.push_back(n / static_cast<double>(hull_pixels));
  const uint8_t type = TypeOf(votes);
  out.type.push_back(type);
  out.share.push_back(votes[type] / n);
  // A packed value k stands for probabilities of k/256 up to (k + 1)/256.
  out.probability.push_back(static_cast<double>(2 * s.np + s.n) / (512 * n));
  constexpr double kUnit = StainTable::kUnit;
  out.stain.insert(out.stain.end(), {Mean(s.h, s.n, kUnit), Deviation(s.n, s.hh, s.h, kUnit),
                                     Mean(s.e, s.n, kUnit), Deviation(s.n, s.ee, s.e, kUnit)});
}

}  // namespace hoverslide
