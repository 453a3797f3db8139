#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "drawing.h"
#include "nuclei/instances.h"
#include "nuclei/measure.h"
#include "nuclei/stain.h"

using namespace hoverslide;

namespace {

// Sums of a drawing's labels; every pixel is `pixel`.
NucleiSums SumsOf(const Drawing& drawing, int32_t count, const MapPixel& pixel = {}) {
  const int32_t width = drawing.grid.width - 2 * kFrame;
  const int32_t height = drawing.grid.height - 2 * kFrame;
  const std::vector<MapPixel> pixels(static_cast<size_t>(width) * height, pixel);
  NucleiSums sums;
  sums.Add(drawing.values, drawing.grid, count, drawing.rows(), pixels, StainTable());
  return sums;
}

}  // namespace

TEST_CASE("nuclei come in the order of their first pixels, with exact sums") {
  const Drawing drawing({"..22", "1122", "11.."});
  const NucleiSums sums = SumsOf(drawing, 2, {.np = 200, .type = 3});
  REQUIRE(sums.nuclei().size() == 2);
  CHECK(sums.IndexOf(2) == 0);
  CHECK(sums.IndexOf(1) == 1);
  const NucleusSums& nucleus = sums.nuclei()[1];
  CHECK(nucleus.first == static_cast<int32_t>(drawing.grid.At(kFrame, kFrame + 1)));
  CHECK(nucleus.n == 4);
  CHECK(nucleus.x == 4 * kFrame + 2);
  CHECK(nucleus.y == 4 * kFrame + 6);
  CHECK(nucleus.xx == 2 * (2 * 2 + 3 * 3));
  CHECK(nucleus.xy == (2 + 3) * (3 + 4));
  CHECK(nucleus.np == 800);
  CHECK(sums.votes(1)[3] == 4);
  CHECK(nucleus.straight == 4);  // two rows, two columns
  CHECK(nucleus.diagonal == 6);  // three diagonals each way
}

TEST_CASE("Crofton's perimeter of a square of 2 px and of a single pixel, by hand") {
  const double pi = std::numbers::pi;
  CHECK(PerimeterOf(SumsOf(Drawing({"11", "11"}), 1).nuclei()[0]) ==
        doctest::Approx(pi / 4 * (4 + 6 / std::numbers::sqrt2)));
  CHECK(PerimeterOf(SumsOf(Drawing({"1"}), 1).nuclei()[0]) ==
        doctest::Approx(pi / 4 * (2 + 2 / std::numbers::sqrt2)));
  // A hole counts: one chord more in its row, its column and both its diagonals.
  CHECK(PerimeterOf(SumsOf(Drawing({"111", "1.1", "111"}), 1).nuclei()[0]) ==
        doctest::Approx(pi / 4 * (3 + 3 + 2 + (5 + 5 + 2) / std::numbers::sqrt2)));
}

TEST_CASE("ellipses: a row, a column, a square, a slope") {
  const double pi = std::numbers::pi;
  const Ellipse row = EllipseOf(SumsOf(Drawing({"11111"}), 1).nuclei()[0]);
  CHECK(row.major_axis == doctest::Approx(4 * std::numbers::sqrt2));  // the variance of 0..4 is 2
  CHECK(row.minor_axis == 0);
  CHECK(row.eccentricity == 1);
  CHECK(row.orientation == 0);
  const Ellipse column = EllipseOf(SumsOf(Drawing({"1", "1", "1"}), 1).nuclei()[0]);
  CHECK(column.orientation == doctest::Approx(pi / 2));
  const Ellipse square = EllipseOf(SumsOf(Drawing({"11", "11"}), 1).nuclei()[0]);
  CHECK(square.major_axis == 2);
  CHECK(square.minor_axis == 2);
  CHECK(square.eccentricity == 0);
  CHECK(square.orientation == 0);
  const Ellipse slope = EllipseOf(SumsOf(Drawing({"11..", ".11.", "..11"}), 1).nuclei()[0]);
  CHECK(slope.orientation > 0);  // downwards to the right, y pointing down
  CHECK(slope.orientation < pi / 4);
  const Ellipse pixel = EllipseOf(SumsOf(Drawing({"1"}), 1).nuclei()[0]);
  CHECK(pixel.major_axis == 0);
  CHECK(pixel.eccentricity == 0);
}

TEST_CASE("votes: most frequent, background only alone, ties to the lower id") {
  CHECK(TypeOf(std::vector<int32_t>{0, 3, 5, 1}) == 2);
  CHECK(TypeOf(std::vector<int32_t>{9, 1, 0, 2}) == 3);
  CHECK(TypeOf(std::vector<int32_t>{0, 2, 0, 2}) == 1);
  CHECK(TypeOf(std::vector<int32_t>{4}) == 0);
  CHECK(TypeOf(std::vector<int32_t>{4, 0, 0}) == 0);
}

TEST_CASE("a row of the block: position, probability, share, stain") {
  const Drawing drawing({".11", ".11"});
  const NucleiSums sums = SumsOf(drawing, 1, {.np = 255, .type = 2, .r = 255, .g = 255, .b = 255});
  NucleiBlock block;
  AppendMeasures(sums.nuclei()[0], sums.votes(0), 4, drawing.grid, 100 - kFrame, 200 - kFrame, block);
  CHECK(block.first_pixel == std::vector<int32_t>{101, 200});
  CHECK(block.box == std::vector<int32_t>{101, 200, 2, 2});
  CHECK(block.area == std::vector<int32_t>{4});
  CHECK(block.centroid == std::vector<double>{102, 201});
  CHECK(block.solidity == std::vector<double>{1});
  CHECK(block.type == std::vector<uint8_t>{2});
  CHECK(block.share == std::vector<double>{1});
  CHECK(block.probability == std::vector<double>{255.5 / 256});
  CHECK(block.stain == std::vector<double>{0, 0, 0, 0});
}

const StainTable kStain;

TEST_CASE("pure stains: the colour of one gives nothing of the other") {
  // A colour whose densities are those of haematoxylin, rounded to bytes.
  const auto value = [](double density) {
    return static_cast<int>(std::lround(255 * std::pow(10, -density)));
  };
  const int h[] = {value(0.65), value(0.70), value(0.29)};
  const auto colour = [](int r, int g, int b) {
    return kStain.Of(static_cast<uint8_t>(r), static_cast<uint8_t>(g), static_cast<uint8_t>(b));
  };
  const StainTable::Both both = colour(h[0], h[1], h[2]);
  const double haematoxylin = both.haematoxylin() / StainTable::kUnit;
  const double eosin = both.eosin() / StainTable::kUnit;
  CHECK(haematoxylin == doctest::Approx(std::sqrt(0.65 * 0.65 + 0.70 * 0.70 + 0.29 * 0.29)).epsilon(0.02));
  CHECK(std::abs(eosin) < 0.02);
  CHECK(colour(0, 7, 9).sum == colour(1, 7, 9).sum);
}

TEST_CASE("a slide's own vectors give back the amounts of a mixture, and the colour's best fit") {
  const StainVectors vectors{.haematoxylin = {0.6, 0.7, 0.4}, .eosin = {0.2, 0.8, 0.5}};
  const StainTable table(vectors);
  const auto length = [](const std::array<double, 3>& v) { return std::hypot(v[0], v[1], v[2]); };
  uint8_t colour[3];
  for (int channel = 0; channel < 3; ++channel) {
    const double density = 0.5 * vectors.haematoxylin[channel] + 0.25 * vectors.eosin[channel];
    colour[channel] = static_cast<uint8_t>(std::lround(255 * std::pow(10, -density)));
  }
  const StainTable::Both both = table.Of(colour[0], colour[1], colour[2]);
  CHECK(both.haematoxylin() / StainTable::kUnit ==
        doctest::Approx(0.5 * length(vectors.haematoxylin)).epsilon(0.02));
  CHECK(both.eosin() / StainTable::kUnit == doctest::Approx(0.25 * length(vectors.eosin)).epsilon(0.04));
  CHECK_THROWS_AS(StainTable({.haematoxylin = {1, 1, 1}, .eosin = {2, 2, 2}}), std::invalid_argument);
  CHECK_THROWS_AS(StainTable({.haematoxylin = {1, NAN, 1}, .eosin = {0, 1, 0}}), std::invalid_argument);
  CHECK_THROWS_AS(StainTable({.haematoxylin = {0, 0, 0}, .eosin = {0, 1, 0}}), std::invalid_argument);
}

TEST_CASE("no entry of the stain table is near a tie of its rounding: every libm gives the same table") {
  // Rows of haematoxylin and eosin in the inverse of the vectors, by Cramer's rule, in long double.
  const long double v[3][3] = {{0.65L, 0.70L, 0.29L}, {0.07L, 0.99L, 0.11L}, {0.27L, 0.57L, 0.78L}};
  const auto minor = [&](int i, int j) {
    const auto at = [&](int r, int c) { return v[r % 3][c % 3]; };
    return at(i + 1, j + 1) * at(i + 2, j + 2) - at(i + 1, j + 2) * at(i + 2, j + 1);
  };
  const long double determinant = v[0][0] * minor(0, 0) + v[0][1] * minor(0, 1) + v[0][2] * minor(0, 2);
  for (int stain = 0; stain < 2; ++stain) {
    const long double length = std::hypot(v[stain][0], v[stain][1], v[stain][2]);
    for (int channel = 0; channel < 3; ++channel) {
      for (int value = 1; value < 256; ++value) {
        const long double exact =
            -std::log10(value / 255.0L) * minor(stain, channel) / determinant * length * StainTable::kUnit;
        // What 255 in the other two adds is 0.
        const auto byte = [&](int k) { return static_cast<uint8_t>(k == channel ? value : 255); };
        const StainTable::Both both = kStain.Of(byte(0), byte(1), byte(2));
        CHECK(std::abs((stain == 0 ? both.haematoxylin() : both.eosin()) - exact) < 0.49999L);
      }
    }
  }
}

TEST_CASE("instances: box, integer centroid, votes with the reference's 1e-6, sizes that do not fit") {
  const std::vector<int32_t> labels = {0, 7, 7, 0, 7, 7, 3, 0, 0};
  const std::vector<uint8_t> types = {1, 0, 0, 1, 2, 0, 4, 1, 1};
  const InstanceTable table = DescribeInstances(labels, types, 3, 3);
  CHECK(table.id == std::vector<int32_t>{3, 7});
  CHECK(table.box == std::vector<int32_t>{2, 0, 3, 1, 0, 1, 2, 3});
  CHECK(table.centroid == std::vector<double>{0, 2, 1.5, 0.5});
  CHECK(table.type == std::vector<uint8_t>{4, 2});
  CHECK(table.share == std::vector<double>{1 / (1 + 1e-6), 1 / (4 + 1e-6)});
  CHECK(table.contour == std::vector<int32_t>{0, 2, 1, 0, 1, 1, 2, 1, 2, 0});
  CHECK(table.contour_start == std::vector<uint32_t>{0, 1, 5});
  CHECK_THROWS_AS(DescribeInstances(labels, types, 4, 3), std::invalid_argument);
  CHECK_THROWS_AS(DescribeInstances(labels, types, -3, -3), std::invalid_argument);
}
