#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hoverslide {

// The problem of assignment: each row gets a column of its own, so that the sum of costs is the least
// possible (the Hungarian or Munkres problem). Solved by shortest augmenting paths (Jonker and Volgenant
// 1987, rectangular after Crouse 2016), the method of SciPy's linear_sum_assignment, whose order of search is
// followed too, since among equally good assignments the order decides. Costs are never held as a matrix.
class CostRows {
 public:
  virtual ~CostRows() = default;
  // Writes the costs of `row` against every column: finite numbers.
  virtual void Fill(int32_t row, std::span<double> costs) const = 0;
};

// Column of each row. Needs rows <= columns (std::invalid_argument otherwise). Time rows^2 * columns at
// worst, memory proportional to rows + columns.
std::vector<int32_t> Assign(const CostRows& costs, int32_t rows, int32_t columns);

// Pairs the points of two sets, x y interleaved, so that the sum of Euclidean distances is the least possible
// and every point of the smaller set has a partner, however far. Returns for each point of `first` the index
// of its partner in `second`, -1 for none.
std::vector<int32_t> PairPoints(std::span<const float> first, std::span<const float> second);

struct WeightedPair {
  uint32_t first;
  uint32_t second;
  double weight;  // above 0
};

// Pairs members of two sets, each at most once, so that the sum of weights is the greatest possible; only
// what `candidates` lists can be paired (no two for the same pair). Returns for each of `first_count` members
// the partner's index, -1 for none. Solved apart for each connected group of candidates, which are small
// where only overlapping nuclei are candidates.
std::vector<int32_t> PairByWeight(std::span<const WeightedPair> candidates, uint32_t first_count,
                                  uint32_t second_count);

}  // namespace hoverslide
