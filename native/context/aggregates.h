#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "context/nuclei_index.h"

namespace hoverslide {

// A candidate for a lymphoid aggregate.
struct Aggregate {
  uint32_t nuclei = 0;
  uint32_t cells = 0;   // of 20 um, that hold its nuclei
  double x = 0, y = 0;  // mean of its nuclei in um
};

// Groups of densely packed immune nuclei: DBSCAN (Ester et al. 1996) with a radius of 50 um and 60 nuclei,
// the nucleus itself included. A nucleus that is no core belongs to the nearest core within the radius, of
// equally near ones to the first in the index. Groups of at least 45 nuclei and 6,245 um2 are kept, in the
// order of their first nuclei in the index.
class Aggregates {
 public:
  static constexpr double kRadius = 50;  // um
  static constexpr size_t kCore = 60;    // 0.0076 per um2 in that circle
  static constexpr uint32_t kLeastNuclei = 45;
  static constexpr double kLeastArea = 6245;  // um2

  explicit Aggregates(const NucleiIndex& index);

  const std::vector<Aggregate>& list() const { return list_; }
  // Number of the aggregate that the nucleus at a place of the index belongs to, or -1.
  int32_t Of(size_t place) const;

 private:
  std::vector<Aggregate> list_;
  std::vector<std::pair<uint32_t, int32_t>> members_;  // place in the index and number, ascending
};

}  // namespace hoverslide
