#include "nuclei/label.h"

#include <doctest/doctest.h>

#include "drawing.h"

using namespace hoverslide;

TEST_CASE("components are 4-connected and numbered by their first pixels") {
  const Drawing drawing({"..1.1", "..1.1", "11.11", "...1."});
  Components components;
  components.Find(drawing.mask(), drawing.grid.width, drawing.grid.height);
  std::vector<int32_t> labels(drawing.grid.size());
  for (const Components::Run& run : components.runs()) {
    std::fill(labels.begin() + run.begin, labels.begin() + run.end, run.component + 1);
  }
  CHECK(labels == Drawing({"..1.2", "..1.2", "33.22", "...2."}).values);
}

TEST_CASE("arms that meet further down are one component") {
  const Drawing drawing({"1.1.1", "1.1.1", "111.1", "....1", "11111"});
  Components components;
  components.Find(drawing.mask(), drawing.grid.width, drawing.grid.height);
  REQUIRE(components.count() == 2);
  CHECK(components.area(0) == 7);
  CHECK(components.area(1) == 9);
}

TEST_CASE("components of zeros, and of an empty plane") {
  const Drawing drawing({"111", "1.1", "111"});
  Components components;
  components.Find(drawing.mask(), drawing.grid.width, drawing.grid.height, true);
  REQUIRE(components.count() == 2);
  CHECK(components.area(0) == 7 * 7 - 9);
  CHECK(components.area(1) == 1);
  components.Find({}, 0, 0);
  CHECK(components.count() == 0);
}
