#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hoverslide {

// A nucleus near another one.
struct Neighbour {
  double x, y;     // um
  double squared;  // square of the distance in um2
  int32_t cos2, sin2;
  uint8_t role, type;
};

// Finds neighbours in the Gabriel graph (Gabriel and Sokal 1969): q is one of p if no third nucleus lies
// inside the circle whose diameter is pq. One on the circle does not separate them. Keeps its memory between
// calls.
class GabrielSearch {
 public:
  // Longest edge in um. Circles of such edges lie within this distance of p, so the graph is local.
  static constexpr double kLongest = 50;

  // near: all nuclei within kLongest of p = (x, y) but p itself. Returns its neighbours, in order of
  // distance.
  std::span<const Neighbour> Neighbours(double x, double y, std::span<const Neighbour> near);

 private:
  std::vector<Neighbour> sorted_, found_;
};

}  // namespace hoverslide
