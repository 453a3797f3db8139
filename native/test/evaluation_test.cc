#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>

#include "evaluation/assignment.h"
#include "evaluation/overlap.h"

namespace hoverslide {
namespace {

TEST_CASE("overlap: a worked example") {
  // first     second
  // 1 1 0 7   0 2 2 2
  // 1 1 7 7   0 2 0 9
  const std::vector<int32_t> first{1, 1, 0, 7, 1, 1, 7, 7}, second{0, 2, 2, 2, 0, 2, 0, 9};
  OverlapCounter counter;
  counter.Add(first, second, 4, 0);
  const OverlapTable table = counter.Table();
  REQUIRE(table.first.size() == 2);
  CHECK(table.first[0].label == 1);
  CHECK(table.first[0].area == 4);
  CHECK(table.first[0].sum_x == 2);
  CHECK(table.first[0].sum_y == 2);
  CHECK(table.first[1].label == 7);
  CHECK(table.first[1].area == 3);
  CHECK(table.first[1].sum_x == 3 + 2 + 3);
  CHECK(table.first[1].sum_y == 2);
  REQUIRE(table.second.size() == 2);
  CHECK(table.second[0].area == 4);
  CHECK(table.second[1].area == 1);
  REQUIRE(table.pairs.size() == 3);
  CHECK((table.pairs[0].first == 0 && table.pairs[0].second == 0 && table.pairs[0].pixels == 2));
  CHECK((table.pairs[1].first == 1 && table.pairs[1].second == 0 && table.pairs[1].pixels == 1));
  CHECK((table.pairs[2].first == 1 && table.pairs[2].second == 1 && table.pairs[2].pixels == 1));
}

TEST_CASE("overlap: strips give what the whole gives") {
  std::mt19937 random(5);
  const int32_t width = 23, height = 40;
  std::vector<int32_t> first(width * height), second(width * height);
  for (size_t k = 0; k < first.size(); ++k) {
    first[k] = static_cast<int32_t>(random() % 4) * 1000;
    second[k] = static_cast<int32_t>(random() % 3);
  }
  OverlapCounter whole, strips;
  whole.Add(first, second, width, 0);
  for (const auto& [top, rows] : {std::pair{20, 20}, {0, 7}, {7, 13}})
    strips.Add(std::span(first).subspan(top * width, rows * width),
               std::span(second).subspan(top * width, rows * width), width, top);
  const OverlapTable a = whole.Table(), b = strips.Table();
  REQUIRE(a.first.size() == b.first.size());
  REQUIRE(a.pairs.size() == b.pairs.size());
  int64_t pixels = 0;
  for (size_t k = 0; k < a.first.size(); ++k) {
    CHECK(a.first[k].area == b.first[k].area);
    CHECK(a.first[k].sum_x == b.first[k].sum_x);
    CHECK(a.first[k].sum_y == b.first[k].sum_y);
  }
  for (size_t k = 0; k < a.pairs.size(); ++k) {
    CHECK(a.pairs[k].first == b.pairs[k].first);
    CHECK(a.pairs[k].second == b.pairs[k].second);
    CHECK(a.pairs[k].pixels == b.pairs[k].pixels);
    pixels += a.pairs[k].pixels;
  }
  int64_t expected = 0;
  for (size_t k = 0; k < first.size(); ++k) expected += first[k] != 0 && second[k] != 0;
  CHECK(pixels == expected);
}

TEST_CASE("overlap: what does not fit is refused") {
  OverlapCounter counter;
  const std::vector<int32_t> six(6), four(4), negative{0, -1};
  CHECK_THROWS_AS(counter.Add(six, four, 2, 0), std::invalid_argument);
  CHECK_THROWS_AS(counter.Add(six, six, 4, 0), std::invalid_argument);
  CHECK_THROWS_AS(counter.Add(negative, negative, 2, 0), std::invalid_argument);
}

class Matrix : public CostRows {
 public:
  Matrix(std::vector<double> values, int32_t columns) : values_(std::move(values)), columns_(columns) {}
  void Fill(int32_t row, std::span<double> costs) const override {
    std::copy_n(values_.begin() + row * columns_, columns_, costs.begin());
  }
  double at(int32_t row, int32_t column) const { return values_[row * columns_ + column]; }

 private:
  std::vector<double> values_;
  int32_t columns_;
};

TEST_CASE("assignment: the least sum of all, by trying all") {
  std::mt19937 random(11);
  for (int round = 0; round < 400; ++round) {
    const auto columns = static_cast<int32_t>(1 + random() % 6);
    const auto rows = static_cast<int32_t>(1 + random() % columns);
    std::vector<double> values(rows * columns);
    // Few distinct values, so that many assignments are equally good; negative ones too.
    for (double& value : values) value = static_cast<double>(random() % 5) - 2;
    const Matrix matrix(values, columns);
    const auto column_of = Assign(matrix, rows, columns);
    auto distinct = column_of;
    std::ranges::sort(distinct);
    REQUIRE(std::unique(distinct.begin(), distinct.end()) == distinct.end());
    double sum = 0, least = std::numeric_limits<double>::infinity();
    for (int32_t i = 0; i < rows; ++i) sum += matrix.at(i, column_of[i]);
    std::vector<int32_t> order(columns);
    std::iota(order.begin(), order.end(), 0);
    do {
      double other = 0;
      for (int32_t i = 0; i < rows; ++i) other += matrix.at(i, order[i]);
      least = std::min(least, other);
    } while (std::ranges::next_permutation(order).found);
    CHECK(sum == doctest::Approx(least));
  }
}

TEST_CASE("assignment: the nearest partner gives way for the sake of the sum") {
  // On a line: 0 and 10 against 9 and 30. Nearest first would pair 10 with 9 and 0 with 30: 1 + 30.
  const std::vector<float> first{0, 0, 10, 0}, second{9, 0, 30, 0};
  CHECK(PairPoints(first, second) == std::vector<int32_t>{0, 1});
  // One too many: the one left over has no partner.
  const std::vector<float> three{0, 0, 29, 0, 10, 0};
  CHECK(PairPoints(three, second) == std::vector<int32_t>{-1, 1, 0});
  const std::vector<float> nowhere{0, 0, NAN, 0};
  CHECK_THROWS_AS(PairPoints(nowhere, second), std::invalid_argument);
  CHECK(PairPoints({}, second).empty());
  CHECK(PairPoints(first, {}) == std::vector<int32_t>{-1, -1});
}

TEST_CASE("assignment: by weight, the greatest sum and no pair that does not touch") {
  // 0 could have 0 (0.6) or 1 (0.5), 1 only 0 (0.4): together 0-1 and 1-0 weigh more than 0-0 alone.
  const std::vector<WeightedPair> chain{{0, 0, 0.6}, {0, 1, 0.5}, {1, 0, 0.4}, {3, 2, 0.1}};
  CHECK(PairByWeight(chain, 4, 3) == std::vector<int32_t>{1, 0, -1, 2});
  // Three against one.
  const std::vector<WeightedPair> star{{0, 0, 0.1}, {1, 0, 0.3}, {2, 0, 0.2}};
  CHECK(PairByWeight(star, 3, 1) == std::vector<int32_t>{-1, 0, -1});
  const std::vector<WeightedPair> unknown{{2, 0, 1}};
  CHECK_THROWS_AS(PairByWeight(unknown, 2, 1), std::invalid_argument);
}

TEST_CASE("assignment: by groups, as good as all at once") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const uint32_t firsts = 1 + random() % 7, seconds = 1 + random() % 7;
    std::vector<WeightedPair> candidates;
    const uint32_t longer = std::max(firsts, seconds);
    std::vector<double> dense(longer * longer);
    for (uint32_t i = 0; i < firsts; ++i)
      for (uint32_t j = 0; j < seconds; ++j)
        if (random() % 4 == 0) {
          candidates.push_back({i, j, static_cast<double>(1 + random() % 9)});
          dense[i * longer + j] = -candidates.back().weight;
        }
    const auto partner = PairByWeight(candidates, firsts, seconds);
    double sum = 0, best = 0;
    for (const auto& pair : candidates)
      if (partner[pair.first] == static_cast<int32_t>(pair.second)) sum += pair.weight;
    const Matrix matrix(dense, static_cast<int32_t>(longer));
    const auto column_of = Assign(matrix, static_cast<int32_t>(longer), static_cast<int32_t>(longer));
    for (uint32_t i = 0; i < longer; ++i) best -= matrix.at(static_cast<int32_t>(i), column_of[i]);
    CHECK(sum == doctest::Approx(best));
  }
}

}  // namespace
}  // namespace hoverslide
