#include "evaluation/assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <tuple>

namespace hoverslide {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class PointDistances : public CostRows {
 public:
  PointDistances(std::span<const float> rows, std::span<const float> columns)
      : rows_(rows), columns_(columns) {}
  void Fill(int32_t row, std::span<double> costs) const override {
    const double x = rows_[2 * row], y = rows_[2 * row + 1];
    for (size_t j = 0; j < costs.size(); ++j) {
      const double dx = x - columns_[2 * j], dy = y - columns_[2 * j + 1];
      costs[j] = std::sqrt(dx * dx + dy * dy);
    }
  }

 private:
  std::span<const float> rows_, columns_;
};

struct Entry {
  int32_t column;
  double weight;
};

// Cost is minus the weight, 0 for what is no candidate.
class NegatedWeights : public CostRows {
 public:
  explicit NegatedWeights(const std::vector<std::vector<Entry>>& rows) : rows_(rows) {}
  void Fill(int32_t row, std::span<double> costs) const override {
    std::ranges::fill(costs, 0.0);
    for (const Entry& entry : rows_[row]) costs[entry.column] = -entry.weight;
  }

 private:
  const std::vector<std::vector<Entry>>& rows_;
};

// Groups of a graph: each member's group is the smallest member of it.
class Groups {
 public:
  explicit Groups(size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0u); }
  uint32_t Find(uint32_t member) {
    while (parent_[member] != member) member = parent_[member] = parent_[parent_[member]];
    return member;
  }
  void Join(uint32_t a, uint32_t b) {
    a = Find(a), b = Find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<uint32_t> parent_;
};

// Pairs within one group: `candidates` ascend by (first, second).
void PairGroup(std::span<const WeightedPair> candidates, std::vector<int32_t>& partner) {
  std::vector<uint32_t> firsts, seconds;
  for (const WeightedPair& pair : candidates) firsts.push_back(pair.first), seconds.push_back(pair.second);
  for (auto* members : {&firsts, &seconds}) {
    std::ranges::sort(*members);
    members->erase(std::unique(members->begin(), members->end()), members->end());
  }
  const auto place = [](const std::vector<uint32_t>& members, uint32_t member) {
    return static_cast<int32_t>(std::ranges::lower_bound(members, member) - members.begin());
  };
  const bool swapped = firsts.size() > seconds.size();
  std::vector<std::vector<Entry>> rows(std::min(firsts.size(), seconds.size()));
  for (const WeightedPair& pair : candidates) {
    const int32_t i = place(firsts, pair.first), j = place(seconds, pair.second);
    rows[swapped ? j : i].push_back({swapped ? i : j, pair.weight});
  }
  const auto columns = static_cast<int32_t>(std::max(firsts.size(), seconds.size()));
  const auto column_of = Assign(NegatedWeights(rows), static_cast<int32_t>(rows.size()), columns);
  for (size_t row = 0; row < rows.size(); ++row) {
    const int32_t column = column_of[row];
    // A row that got a column it does not touch is not paired.
    if (std::ranges::none_of(rows[row], [column](const Entry& entry) { return entry.column == column; }))
      continue;
    partner[firsts[swapped ? column : row]] = static_cast<int32_t>(seconds[swapped ? row : column]);
  }
}

}  // namespace

std::vector<int32_t> Assign(const CostRows& costs, int32_t rows, int32_t columns) {
  if (rows > columns) throw std::invalid_argument("expected no more rows than columns");
  std::vector<double> row_price(rows), column_price(columns), distance(columns), cost(columns);
  std::vector<int32_t> column_of(rows, -1), row_of(columns, -1), came_from(columns), open(columns), closed;
  std::vector<char> seen(rows);

  for (int32_t start = 0; start < rows; ++start) {
    // Dijkstra over reduced costs from a row without a column to the nearest column without a row.
    std::ranges::fill(distance, kInfinity);
    std::ranges::fill(seen, 0);
    closed.clear();
    // Backwards and with the last one filling the gap: SciPy's order, which makes equal costs fall alike.
    for (int32_t k = 0; k < columns; ++k) open[k] = columns - 1 - k;
    int32_t open_count = columns, row = start, sink = -1;
    double reached = 0;
    while (sink < 0) {
      seen[row] = 1;
      costs.Fill(row, cost);
      double lowest = kInfinity;
      int32_t best = -1;
      for (int32_t k = 0; k < open_count; ++k) {
        const int32_t j = open[k];
        const double via = reached + cost[j] - row_price[row] - column_price[j];
        if (via < distance[j]) distance[j] = via, came_from[j] = row;
        // Among equally near columns one without a row ends the search soonest.
        if (distance[j] < lowest || (distance[j] == lowest && row_of[j] < 0)) lowest = distance[j], best = k;
      }
      if (lowest == kInfinity) throw std::invalid_argument("expected finite costs");
      reached = lowest;
      const int32_t j = open[best];
      open[best] = open[--open_count];
      closed.push_back(j);
      if (row_of[j] < 0)
        sink = j;
      else
        row = row_of[j];
    }
    row_price[start] += reached;
    for (int32_t i = 0; i < rows; ++i)
      if (seen[i] && i != start) row_price[i] += reached - distance[column_of[i]];
    for (const int32_t j : closed) column_price[j] -= reached - distance[j];
    // Turn the path round: each row on it takes the column through which it was reached.
    for (int32_t j = sink, i = -1; i != start;) {
      i = row_of[j] = came_from[j];
      std::swap(column_of[i], j);
    }
  }
  return column_of;
}

std::vector<int32_t> PairPoints(std::span<const float> first, std::span<const float> second) {
  const auto count = static_cast<int32_t>(first.size() / 2), others = static_cast<int32_t>(second.size() / 2);
  if (count <= others) return Assign(PointDistances(first, second), count, others);
  const auto partner_of_second = Assign(PointDistances(second, first), others, count);
  std::vector<int32_t> partner(count, -1);
  for (int32_t j = 0; j < others; ++j) partner[partner_of_second[j]] = j;
  return partner;
}

std::vector<int32_t> PairByWeight(std::span<const WeightedPair> candidates, uint32_t first_count,
                                  uint32_t second_count) {
  Groups groups(static_cast<size_t>(first_count) + second_count);
  for (const WeightedPair& pair : candidates) {
    if (pair.first >= first_count || pair.second >= second_count || !(pair.weight > 0))
      throw std::invalid_argument("expected pairs of known members with weights above 0");
    groups.Join(pair.first, first_count + pair.second);
  }
  std::vector<WeightedPair> sorted(candidates.begin(), candidates.end());
  std::ranges::sort(sorted, [&](const WeightedPair& a, const WeightedPair& b) {
    return std::tuple(groups.Find(a.first), a.first, a.second) <
           std::tuple(groups.Find(b.first), b.first, b.second);
  });
  std::vector<int32_t> partner(first_count, -1);
  for (size_t begin = 0, end; begin < sorted.size(); begin = end) {
    const uint32_t group = groups.Find(sorted[begin].first);
    for (end = begin + 1; end < sorted.size() && groups.Find(sorted[end].first) == group;) ++end;
    PairGroup(std::span(sorted).subspan(begin, end - begin), partner);
  }
  return partner;
}

}  // namespace hoverslide
