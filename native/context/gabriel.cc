#include "context/gabriel.h"

#include <algorithm>
#include <array>

namespace hoverslide {

std::span<const Neighbour> GabrielSearch::Neighbours(double x, double y, std::span<const Neighbour> near) {
  // Most nuclei are separated from p by one of the nearest, so these are tried first. Their order does not
  // matter for the result: rings of equal area do instead of a sort.
  constexpr size_t kRings = 16;
  const auto ring = [](const Neighbour& each) {
    return std::min(kRings - 1, static_cast<size_t>(each.squared * (kRings / (kLongest * kLongest))));
  };
  std::array<size_t, kRings + 1> start{};
  for (const Neighbour& each : near) ++start[ring(each) + 1];
  for (size_t k = 0; k < kRings; ++k) start[k + 1] += start[k];
  sorted_.resize(near.size());
  for (const Neighbour& each : near) sorted_[start[ring(each)]++] = each;

  found_.clear();
  for (const Neighbour& q : sorted_) {
    // The angle at s is obtuse just if s lies inside the circle. The expression is the same from p and from
    // q, so both decide alike.
    const bool separated = std::any_of(sorted_.begin(), sorted_.end(), [&](const Neighbour& s) {
      return (x - s.x) * (q.x - s.x) + (y - s.y) * (q.y - s.y) < 0;
    });
    if (!separated) found_.push_back(q);
  }
  std::sort(found_.begin(), found_.end(),
            [](const Neighbour& a, const Neighbour& b) { return a.squared < b.squared; });
  return found_;
}

}  // namespace hoverslide
