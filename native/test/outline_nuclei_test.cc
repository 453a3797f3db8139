#include <doctest/doctest.h>

#include "drawing.h"
#include "nuclei/contour.h"
#include "nuclei/hull.h"
#include "nuclei/outline.h"

using namespace hoverslide;

namespace {

using Vertices = std::vector<int32_t>;

// Rings of a drawing, moved so that its first pixel is at (0, 0).
std::vector<Vertices> RingsOf(const Drawing& drawing) {
  Outlines outlines;
  outlines.Trace(drawing.values, drawing.grid, drawing.rows());
  std::vector<Vertices> rings;
  for (const Outlines::Ring& ring : outlines.rings()) {
    const std::span<const int32_t> vertices = outlines.vertices(ring);
    rings.emplace_back(vertices.begin(), vertices.end());
    for (int32_t& coordinate : rings.back()) coordinate -= kFrame;
  }
  return rings;
}

Vertices ContourOf(const Drawing& drawing, int32_t label) {
  const int32_t width = drawing.grid.width - kFrame;
  const int32_t height = drawing.grid.height - kFrame;
  Vertices contour;
  Contours().Append(drawing.values, drawing.grid.width, label, {kFrame, kFrame, width, height}, contour);
  for (int32_t& coordinate : contour) coordinate -= kFrame;
  return contour;
}

}  // namespace

TEST_CASE("an outline follows pixel edges, corners only, and closes") {
  CHECK(RingsOf(Drawing({"1"})) == std::vector<Vertices>{{0, 0, 1, 0, 1, 1, 0, 1, 0, 0}});
  CHECK(RingsOf(Drawing({"11", "1."})) == std::vector<Vertices>{{0, 0, 2, 0, 2, 1, 1, 1, 1, 2, 0, 2, 0, 0}});
}

TEST_CASE("a hole is a ring of its own, the other way round") {
  const std::vector<Vertices> rings = RingsOf(Drawing({"111", "1.1", "111"}));
  REQUIRE(rings.size() == 2);
  CHECK(rings[0] == Vertices{0, 0, 3, 0, 3, 3, 0, 3, 0, 0});
  CHECK(rings[1] == Vertices{1, 2, 2, 2, 2, 1, 1, 1, 1, 2});
}

TEST_CASE("a hole that meets the shell at a corner stays a ring of its own") {
  // The hole's lower right corner is the shell's.
  const std::vector<Vertices> rings = RingsOf(Drawing({"111", "1.1", "11."}));
  REQUIRE(rings.size() == 2);
  CHECK(rings[0] == Vertices{0, 0, 3, 0, 3, 2, 2, 2, 2, 3, 0, 3, 0, 0});
  CHECK(rings[1] == Vertices{1, 2, 2, 2, 2, 1, 1, 1, 1, 2});
}

TEST_CASE("two holes that meet at a corner are two rings") {
  const std::vector<Vertices> rings = RingsOf(Drawing({"1111", "1.11", "11.1", "1111"}));
  REQUIRE(rings.size() == 3);
  CHECK(rings[1] == Vertices{1, 2, 2, 2, 2, 1, 1, 1, 1, 2});
  CHECK(rings[2] == Vertices{2, 3, 3, 3, 3, 2, 2, 2, 2, 3});
}

TEST_CASE("neighbours have rings of their own") {
  CHECK(RingsOf(Drawing({"12"})) ==
        std::vector<Vertices>{{0, 0, 1, 0, 1, 1, 0, 1, 0, 0}, {1, 0, 2, 0, 2, 1, 1, 1, 1, 0}});
}

TEST_CASE("pixels of the convex hull") {
  const auto pixels = [](const std::vector<std::string_view>& rows) {
    const Vertices shell = RingsOf(Drawing(rows))[0];
    return Hull().PixelCount(shell, 0, static_cast<int32_t>(rows.size()));
  };
  SUBCASE("by hand: centres on the line from (0, -1/2) to (4, 3/2), at (1, 0) and (3, 1), belong to it") {
    CHECK(pixels({"1....", "1....", "11111"}) == 2 + 4 + 5);
    CHECK(pixels({"1"}) == 1);
    CHECK(pixels({"11", "1."}) == 3);
    CHECK(pixels({".1.", "111", ".1."}) == 5);
    CHECK(pixels({"1.1", "1.1", "111"}) == 9);
  }
  SUBCASE("as scikit-image 0.26 counts them") {
    CHECK(pixels({"......11111", "......11111", "11111111111", ".1111111111", "...111111..", "...11111...",
                  "...11111...", "...111111..", "...111111..", "...111111..", "..1111111..", ".11111111..",
                  "111111111..", "1111111111."}) == 142);
    CHECK(pixels({".111........", ".1111.......", "11111.......", "11111.......", ".111........",
                  ".111........", ".1111..1....", ".11111111...", "......111...", "......111...",
                  ".......11...", ".......11...", ".......111..", "......111111"}) == 93);
    CHECK(pixels({"........111.......", "........111.......", ".......1111.......", "..111111111.......",
                  "11111111111.......", "111111111111......", "11111111111111...1", "1...11111111111111"}) ==
          104);
  }
}

TEST_CASE("a contour runs through pixel centres from the first pixel, without points in line") {
  CHECK(ContourOf(Drawing({"1"}), 1) == Vertices{0, 0});
  CHECK(ContourOf(Drawing({"111"}), 1) == Vertices{0, 0, 2, 0});
  CHECK(ContourOf(Drawing({"111", "111", "111"}), 1) == Vertices{0, 0, 0, 2, 2, 2, 2, 0});
  CHECK(ContourOf(Drawing({".1.", "111", ".1."}), 1) == Vertices{1, 0, 0, 1, 1, 2, 2, 1});
  CHECK(ContourOf(Drawing({"22.", "2.1", "211"}), 1) == Vertices{2, 1, 1, 2, 2, 2});
}

TEST_CASE("of several parts, the contour is that of the last outermost one") {
  CHECK(ContourOf(Drawing({"11...", "11...", "...11", "...11"}), 1) == Vertices{3, 2, 3, 3, 4, 3, 4, 2});
  // Parts that meet at a corner are one; a part within a hole does not count.
  CHECK(ContourOf(Drawing({"1.", ".1"}), 1) == Vertices{0, 0, 1, 1});
  CHECK(ContourOf(Drawing({"11111", "1...1", "1.1.1", "1...1", "11111"}), 1) ==
        Vertices{0, 0, 0, 4, 4, 4, 4, 0});
}
