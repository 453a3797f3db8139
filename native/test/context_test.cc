#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <random>
#include <stdexcept>
#include <string>
#include <tuple>

#include "context/components.h"
#include "context/gabriel.h"
#include "context/slide_nuclei.h"
#include "context/tile_sums.h"
#include "context/tumour_region.h"

namespace hoverslide {
namespace {

constexpr uint8_t kStromal = 3, kNothing = 255;

// Columns of nuclei, made one by one.
struct Nuclei {
  std::vector<double> x, y;
  std::vector<float> orientation;
  std::vector<uint8_t> role, type, used;

  Nuclei& Add(double at_x, double at_y, uint8_t its_role, float angle = 0, bool ok = true) {
    x.push_back(at_x);
    y.push_back(at_y);
    orientation.push_back(angle);
    role.push_back(its_role);
    type.push_back(its_role == kNothing ? 0 : its_role + 1);
    used.push_back(ok);
    return *this;
  }
  NucleiColumns columns() const { return {x, y, orientation, role, type, used}; }
};

// A slide that is tissue all over.
std::unique_ptr<SlideNuclei> SlideOf(const Nuclei& nuclei, double side = 1000) {
  const auto cells = static_cast<int32_t>(std::ceil(side / CellMask::kCell));
  auto slide = std::make_unique<SlideNuclei>(
      side, side, nuclei.x.size(), std::vector<uint8_t>(static_cast<size_t>(cells) * cells, 1), cells);
  slide->Add(nuclei.columns());
  slide->Prepare();
  return slide;
}

Nuclei Scattered(size_t count, double side, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> place(0, side);
  std::uniform_real_distribution<float> angle(-1.5F, 1.5F);
  Nuclei nuclei;
  for (size_t k = 0; k < count; ++k) {
    const uint32_t draw = random() % 100;
    const uint8_t role = draw < 40 ? 0 : draw < 60 ? 2 : draw < 80 ? 3 : draw < 81 ? 4 : kNothing;
    nuclei.Add(place(random), place(random), role, angle(random), random() % 20 != 0);
  }
  return nuclei;
}

TEST_CASE("surroundings: a worked example") {
  // Along a line: T at 0, I at 3-4-5 distance 5, S 20 to the right (just within), T at 60, I at 100 + 0.001.
  Nuclei nuclei;
  nuclei.Add(100, 100, kTumour).Add(103, 104, kImmune).Add(120, 100, kStromal).Add(160, 100, kTumour);
  nuclei.Add(200.001, 100, kImmune).Add(101, 100, kTumour, 0, false);
  const auto slide = SlideOf(nuclei);
  const Surroundings found = slide->Around(nuclei.columns());
  CHECK(found.nearest[kImmune][0] == 5);
  CHECK(found.nearest[kTumour][0] == 60);
  CHECK(found.nearest[kStromal][0] == 20);
  CHECK(std::isnan(found.nearest[4][0]));
  CHECK(found.within[0][kImmune][0] == 1);
  CHECK(found.within[0][kStromal][0] == 1);
  CHECK(found.within[0][kTumour][0] == 0);
  CHECK(found.within[1][kTumour][0] == 0);
  CHECK(found.within[2][kTumour][0] == 1);
  CHECK(found.within[2][kImmune][0] == 1);
  CHECK(found.within[2][kImmune][3] == 2);
  // The I lies inside the circle of the first T and the S: (-3, -4) x (17, -4) = -35. It is joined to both.
  CHECK(found.degree[0] == 1);
  CHECK(found.mean_edge[0] == 5);
  CHECK(found.same_type[0] == 0);
  CHECK(found.degree[1] == 2);
  // The nucleus that is set aside has no values and is nobody's neighbour.
  CHECK(found.degree[5] == -1);
  CHECK(found.within[0][kTumour][5] == -1);
  CHECK(std::isnan(found.nearest[kTumour][5]));
}

TEST_CASE("surroundings: twins, far nuclei and the only one of a role") {
  Nuclei nuclei;
  nuclei.Add(10, 10, kTumour).Add(10, 10, kTumour).Add(10, 10, kImmune).Add(990, 10, kStromal);
  const Surroundings found = SlideOf(nuclei)->Around(nuclei.columns());
  CHECK(found.nearest[kTumour][0] == 0);
  CHECK(found.nearest[kTumour][1] == 0);
  CHECK(found.nearest[kImmune][0] == 0);
  CHECK(found.within[0][kTumour][0] == 1);
  CHECK(found.within[0][kTumour][2] == 2);
  CHECK(std::isnan(found.nearest[kImmune][2]));
  CHECK(found.nearest[kStromal][0] == 980);
  CHECK(std::isnan(found.nearest[kStromal][3]));
  CHECK(found.nearest[kTumour][3] == 980);
  CHECK(found.degree[0] == 2);
}

TEST_CASE("surroundings equal a search of all pairs") {
  const Nuclei nuclei = Scattered(1500, 600, 7);
  const Surroundings found = SlideOf(nuclei)->Around(nuclei.columns());
  const size_t count = nuclei.x.size();
  const auto squared = [&](size_t a, size_t b) {
    return (nuclei.x[a] - nuclei.x[b]) * (nuclei.x[a] - nuclei.x[b]) +
           (nuclei.y[a] - nuclei.y[b]) * (nuclei.y[a] - nuclei.y[b]);
  };
  size_t wrong = 0;
  for (size_t p = 0; p < count; ++p) {
    if (!nuclei.used[p]) continue;
    std::array<double, kRoles> nearest;
    nearest.fill(std::numeric_limits<double>::infinity());
    std::array<std::array<int32_t, kRoles>, 3> within{};
    int32_t degree = 0;
    for (size_t q = 0; q < count; ++q) {
      if (q == p || !nuclei.used[q]) continue;
      const double d = squared(p, q);
      if (const uint8_t role = nuclei.role[q]; role < kRoles) {
        nearest[role] = std::min(nearest[role], d);
        for (size_t r = 0; r < 3; ++r)
          within[r][role] += d <= Surroundings::kRadii[r] * Surroundings::kRadii[r];
      }
      if (d > 2500) continue;
      bool joined = true;
      for (size_t s = 0; s < count && joined; ++s)
        joined = !nuclei.used[s] || s == p || s == q || squared(p, s) + squared(q, s) >= d;
      degree += joined;
    }
    for (size_t role = 0; role < kRoles; ++role) {
      const auto expected = static_cast<float>(std::sqrt(nearest[role]));
      wrong += !(std::isinf(nearest[role]) ? std::isnan(found.nearest[role][p])
                                           : found.nearest[role][p] == expected);
      for (size_t r = 0; r < 3; ++r) wrong += found.within[r][role][p] != within[r][role];
    }
    wrong += found.degree[p] != degree;
  }
  CHECK(wrong == 0);
}

TEST_CASE("surroundings do not depend on the order of nuclei") {
  const Nuclei nuclei = Scattered(2000, 500, 3);
  std::vector<size_t> order(nuclei.x.size());
  for (size_t k = 0; k < order.size(); ++k) order[k] = k;
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  Nuclei shuffled;
  for (const size_t k : order)
    shuffled.Add(nuclei.x[k], nuclei.y[k], nuclei.role[k], nuclei.orientation[k], nuclei.used[k]);
  const Surroundings a = SlideOf(nuclei)->Around(nuclei.columns());
  const Surroundings b = SlideOf(shuffled)->Around(shuffled.columns());
  const auto same = [](float first, float second) {
    return first == second || (std::isnan(first) && std::isnan(second));
  };
  size_t wrong = 0;
  for (size_t k = 0; k < order.size(); ++k) {
    const size_t from = order[k];
    for (size_t role = 0; role < kRoles; ++role) wrong += !same(a.nearest[role][from], b.nearest[role][k]);
    wrong += !same(a.mean_edge[from], b.mean_edge[k]) + !same(a.alignment[from], b.alignment[k]) +
             (a.cross_weight[from] != b.cross_weight[k]);
  }
  CHECK(wrong == 0);
}

TEST_CASE("index: what does not fit is refused") {
  NucleiIndex index(100, 100, 0);
  CHECK_THROWS_AS(index.Add(Nuclei().Add(101, 5, 0).columns()), std::invalid_argument);
  CHECK_THROWS_AS(index.Add(Nuclei().Add(5, NAN, 0).columns()), std::invalid_argument);
  Nuclei uneven;
  uneven.Add(5, 5, 0).x.push_back(6);
  CHECK_THROWS_AS(index.Add(uneven.columns()), std::invalid_argument);
  index.Add(Nuclei().Add(100, 100, 0).Add(-5, 0, 0, 0, false).columns());
  index.Finish();
  CHECK(index.nuclei().size() == 1);
  CHECK_THROWS_AS(index.Add(Nuclei().Add(1, 1, 0).columns()), std::logic_error);
}

TEST_CASE("gabriel: squares, and a third nucleus on and inside the circle") {
  const auto degree = [](const std::vector<std::pair<double, double>>& others) {
    std::vector<Neighbour> near;
    for (const auto& [x, y] : others) near.push_back({x, y, x * x + y * y, 0, 0, 0, 0});
    return GabrielSearch().Neighbours(0, 0, near).size();
  };
  CHECK(degree({{10, 0}, {0, 10}, {10, 10}}) == 3);  // the diagonal's circle runs through the other two
  CHECK(degree({{10, 0}, {5, 4.9}}) == 1);
  CHECK(degree({{10, 0}, {5, 5.1}}) == 2);
  CHECK(degree({}) == 0);
}

TEST_CASE("alignment: parallel, crossed, and too few") {
  const auto of = [](const std::vector<float>& angles) {
    Nuclei nuclei;
    for (size_t k = 0; k < angles.size(); ++k)
      nuclei.Add(100 + 5 * static_cast<double>(k), 100, kStromal, angles[k]);
    return SlideOf(nuclei)->Around(nuclei.columns()).alignment[0];
  };
  CHECK(of({0.3F, 0.3F, 0.3F, 0.3F, 0.3F}) == doctest::Approx(1).epsilon(1e-6));
  // An orientation has no direction: nearly -pi/2 and pi/2 are the same one.
  CHECK(of({1.57F, -1.57F, 1.57F, -1.57F, 1.57F}) == doctest::Approx(1).epsilon(1e-5));
  // 0 and pi/2 cancel: two pairs, and one left over of five.
  const auto right = static_cast<float>(std::numbers::pi / 2);
  CHECK(of({0, right, 0, right, 0}) == doctest::Approx(0.2).epsilon(1e-5));
  CHECK(std::isnan(of({0, 0, 0, 0})));
}

// A mask from rows of text: # is in it.
struct Drawn {
  explicit Drawn(const std::vector<std::string>& rows)
      : width(static_cast<int32_t>(rows[0].size())), height(static_cast<int32_t>(rows.size())) {
    for (const std::string& row : rows)
      for (const char each : row) cells.push_back(each == '#');
  }
  CellMask mask() const { return {cells, width, height}; }

  int32_t width, height;
  std::vector<uint8_t> cells;
};

TEST_CASE("distances: worked examples and a search of all cells") {
  const Drawn corner({"#...", "....", "...."});
  CHECK(SquaredDistances(corner.mask()) == std::vector<int32_t>{0, 1, 4, 9, 1, 2, 5, 10, 4, 5, 8, 13});
  const Drawn none({"..", ".."});
  CHECK(SquaredDistances(none.mask()) == std::vector<int32_t>(4, -1));

  std::mt19937 random(11);
  for (const uint32_t sparse : {2U, 9U, 60U}) {
    const int32_t width = 37, height = 23;
    std::vector<uint8_t> cells(width * height);
    for (uint8_t& cell : cells) cell = random() % sparse == 0;
    cells[random() % cells.size()] = 1;
    const std::vector<int32_t> squared = SquaredDistances({cells, width, height});
    size_t wrong = 0;
    for (int32_t k = 0; k < width * height; ++k) {
      int32_t best = INT32_MAX;
      for (int32_t j = 0; j < width * height; ++j) {
        if (!cells[j]) continue;
        const int32_t dx = j % width - k % width, dy = j / width - k / width;
        best = std::min(best, dx * dx + dy * dy);
      }
      wrong += squared[k] != best;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("signed distances: half a cell from the border, and what lies beyond the tissue is no border") {
  // Tumour in columns 0-2, other tissue in 3-4, glass in 5.
  const Drawn region({"###..."}), outside({"...##."}), tissue({"#####."});
  const std::vector<float> distance = SignedDistances(region.mask(), outside.mask());
  CHECK(distance == std::vector<float>{-62.5, -37.5, -12.5, 12.5, 37.5, 62.5});
  CHECK(std::isinf(SignedDistances(region.mask(), Drawn({"......"}).mask())[0]));
  CHECK(std::isnan(SignedDistances(Drawn({"......"}).mask(), outside.mask())[0]));
  CHECK(TissueEdgeDistances(tissue.mask()) == std::vector<float>{12.5, 12.5, 12.5, 12.5, 12.5, -12.5});
  // Linear between centres: exact at the border and along it.
  CHECK(Interpolated(distance, tissue.mask(), 75, 12.5) == 0);
  CHECK(Interpolated(distance, tissue.mask(), 80, 3) == doctest::Approx(5));
  CHECK(Interpolated(distance, tissue.mask(), 60, 24) == doctest::Approx(-15));
  // The glass does not count at (120, 12.5), whose own cell is tissue.
  CHECK(Interpolated(distance, tissue.mask(), 120, 12.5) == 37.5);
}

TEST_CASE("components: what is connected, and their sums") {
  const Drawn drawn({"##..#", "...#.", "#...."});
  const std::vector<double> weights(15, 2);
  CHECK(ComponentSums(drawn.mask(), weights) == std::vector<double>{4, 2, 2, 2});
  size_t parts = 0;
  EachComponent(drawn.mask(), true, [&](const Component& part) {
    ++parts;
    CHECK(part.at_border);
  });
  CHECK(parts == 3);
}

TEST_CASE("closing fills gaps and changes no straight edge") {
  // A disc from above or below reaches the gap's ends without touching its sides.
  const Drawn gap({"###.###", "###.###", "###.###"}), closed({"###.###", "#######", "###.###"});
  CHECK(Closed(gap.mask(), 2) == closed.cells);
  const Drawn wide({"#.....#"});
  CHECK(Closed(wide.mask(), 2) == wide.cells);
}

TEST_CASE("interface: a disc's circumference, and only between tumour and tissue") {
  const int32_t side = 200;
  std::vector<uint8_t> disc(side * side), tissue(side * side, 1), half(side * side);
  for (int32_t y = 0; y < side; ++y) {
    for (int32_t x = 0; x < side; ++x) {
      disc[y * side + x] = std::hypot(x - 99.5, y - 99.5) <= 80;
      half[y * side + x] = x < 100;
    }
  }
  const std::vector<double> blocks = InterfaceLength({disc, side, side}, {tissue, side, side}, 40);
  CHECK(blocks.size() == 25);
  double length = 0;
  for (const double each : blocks) length += each;
  CHECK(length == doctest::Approx(2 * std::numbers::pi * 80 * 0.025).epsilon(0.01));
  double within = 0;
  for (const double each : InterfaceLength({disc, side, side}, {half, side, side}, 200)) within += each;
  CHECK(within == doctest::Approx(length / 2).epsilon(0.01));
}

TEST_CASE("tumour region: a dense square of tumour nuclei among stroma") {
  // 1,600 per mm2 everywhere; tumour in a square of 500 um, with a hole of 50 x 50 um that is closed.
  Nuclei nuclei;
  for (double y = 12.5; y < 1000; y += 25)
    for (double x = 12.5; x < 1000; x += 25) {
      const bool inside = x > 250 && x < 750 && y > 250 && y < 750;
      nuclei.Add(x, y, inside ? kTumour : kStromal);
    }
  const auto slide = SlideOf(nuclei);
  const std::vector<uint8_t> region = slide->DerivedTumour();
  const auto cells = std::count(region.begin(), region.end(), 1);
  // The share falls below two fifths a little outside of the edge, where it is a half.
  CHECK(cells > 20 * 20);
  CHECK(cells < 22 * 22 + 1);
  CHECK(region[20 * 40 + 20] == 1);
  CHECK(region[20 * 40 + 5] == 0);
  slide->SetTumour(region);
  const Surroundings found = slide->Around(nuclei.columns());
  CHECK(found.tumour_edge[20 * 40 + 20] < -200);
  CHECK(found.tumour_edge[0] > 300);
  CHECK(found.tissue_edge[0] == 12.5);
  CHECK(found.tissue_edge[20 * 40 + 20] == 487.5);
}

TEST_CASE("smoothing: a single count gives the Gaussian, cut off at four sigma") {
  std::vector<uint16_t> counts(41 * 41);
  counts[20 * 41 + 20] = 3;
  const std::vector<double> smoothed = Smoothed(counts, 41, 41, 2);
  double sum = 0;
  for (const double each : smoothed) sum += each;
  CHECK(sum == doctest::Approx(3).epsilon(1e-12));
  CHECK(smoothed[20 * 41 + 22] / smoothed[20 * 41 + 20] == doctest::Approx(std::exp(-0.5)).epsilon(1e-12));
  CHECK(smoothed[20 * 41 + 29] == 0);
}

TEST_CASE("set covariance: a rectangle's, bilinear between shifts") {
  const std::vector<uint8_t> all(8 * 6, 1);
  const SetCovariance rectangle(all, 8, 6);
  CHECK(rectangle.At(0, 0) == 48);
  CHECK(rectangle.At(2, -1) == 6 * 5);
  CHECK(rectangle.At(-2, 1) == 6 * 5);
  // The exact overlap of 200 x 150 um shifted by (30, -40) is 170 x 110.
  CHECK(rectangle.Weight(30, -40) == doctest::Approx(200.0 * 150 / (170.0 * 110)).epsilon(1e-12));
  CHECK(rectangle.Weight(0, 0) == 1);
  CHECK(SetCovariance(std::vector<uint8_t>{1}, 1, 1).Weight(25, 0) == SetCovariance::kMost);
}

TEST_CASE("aggregates: a dense disc is one, what is sparse or small is none") {
  const auto lattice = [](double centre, double radius, double step) {
    Nuclei nuclei;
    for (double y = -radius; y <= radius; y += step)
      for (double x = -radius; x <= radius; x += step)
        if (x * x + y * y <= radius * radius) nuclei.Add(centre + x, centre + y, kImmune);
    return nuclei;
  };
  const Nuclei dense = lattice(500, 60, 8);  // 0.0156 per um2, 177 nuclei
  const auto slide = SlideOf(dense);
  REQUIRE(slide->aggregates().size() == 1);
  CHECK(slide->aggregates()[0].nuclei == dense.x.size());
  CHECK(slide->aggregates()[0].x == doctest::Approx(500));
  CHECK(slide->aggregates()[0].cells * 400 > 3.14159 * 60 * 60);
  const Surroundings found = slide->Around(dense.columns());
  CHECK(std::all_of(found.aggregate.begin(), found.aggregate.end(), [](int32_t id) { return id == 0; }));
  CHECK(SlideOf(lattice(500, 100, 12))->aggregates().empty());  // 0.0069 per um2
  CHECK(SlideOf(lattice(500, 30, 5))->aggregates().empty());    // dense, but 2,827 um2
}

TEST_CASE("buds: groups of up to four, apart from the rest") {
  Nuclei nuclei;
  nuclei.Add(100, 100, kTumour);  // alone
  nuclei.Add(300, 100, kTumour)
      .Add(330, 100, kTumour)
      .Add(360, 100, kTumour)
      .Add(390, 100, kTumour);                                         // a chain of 4
  for (int k = 0; k < 5; ++k) nuclei.Add(600 + 30 * k, 100, kTumour);  // 5: no bud
  nuclei.Add(110, 100, kImmune).Add(100, 110, kTumour, 0, false);
  const auto slide = SlideOf(nuclei);
  REQUIRE(slide->buds().size() == 2);
  CHECK(slide->buds()[0].nuclei == 1);
  CHECK(slide->buds()[1].nuclei == 4);
  CHECK(slide->buds()[1].x == 300);
}

TEST_CASE("tiles: counts and sums, whatever the order") {
  Nuclei nuclei;
  nuclei.Add(10, 10, kTumour)
      .Add(249, 249, kTumour)
      .Add(251, 10, kImmune)
      .Add(500, 500, kNothing)
      .Add(5, 5, 0, 0, false);
  TileSums sums(500, 500, 250), reversed(500, 500, 250);
  const std::vector<float> area{30.1F, 40.7F, 20, 10, 9}, density{0.5, 0.25, 0.125, 1, 9};
  sums.Add(nuclei.columns(), area, density);
  CHECK(sums.columns() == 2);
  CHECK(sums.Counts()[0] == 2);
  CHECK(sums.Counts()[7 + 2] == 1);
  CHECK(sums.Counts()[3 * 7 + 6] == 1);  // the slide's last point belongs to its last tile
  CHECK(sums.Sums(TileSums::kArea)[0] == double{30.1F} + double{40.7F});
  CHECK(sums.Sums(TileSums::kDensitySquares)[0] == 0.3125);
  CHECK_THROWS_AS(sums.Add(nuclei.columns(), std::vector<float>(5, NAN), density), std::invalid_argument);
}

}  // namespace
}  // namespace hoverslide
