#include <doctest/doctest.h>

#include "drawing.h"
#include "nuclei/markers.h"

using namespace hoverslide;

TEST_CASE("holes are background that is not 4-connected to the outside") {
  // The hole on the left is open over a corner only, which does not count; the bay on the right is open.
  const Drawing drawing({".1111.1", "1...1.1", "1...11.", ".111..1"});
  std::vector<uint8_t> mask = drawing.mask();
  Markers().FillHoles(mask, drawing.grid);
  CHECK(mask == Drawing({".1111.1", "11111.1", "111111.", ".111..1"}).mask());
}

TEST_CASE("opening keeps what the 5x5 ellipse fits into") {
  const Drawing drawing({
      "...1.....",
      ".11111...",
      ".11111...",
      ".11111111",
      "...1.....",
      ".........",
      "11111....",
      "11111....",
      "11111....",
  });
  std::vector<uint8_t> mask = drawing.mask();
  Markers markers;
  markers.Open(mask, drawing.grid, 0);
  CHECK(mask == Drawing({
                            "...1.....",
                            ".11111...",
                            ".11111...",
                            ".11111...",
                            "...1.....",
                            ".........",
                            ".........",
                            ".........",
                            ".........",
                        })
                    .mask());
}

TEST_CASE(
    "where the erosion takes pixels beyond the border to be set, as OpenCV does, a block at the border "
    "stays") {
  const Drawing drawing({"111....", "111....", "111....", "......."});
  Markers markers;
  std::vector<uint8_t> mask = drawing.mask();
  markers.Open(mask, drawing.grid, 1);
  CHECK(mask == Drawing({"111....", "111....", "1......", "......."}).mask());
  mask = drawing.mask();
  markers.Open(mask, drawing.grid, 0);
  CHECK(mask == std::vector<uint8_t>(drawing.grid.size(), 0));
}

TEST_CASE("markers under 10 px are dropped, the others numbered by first pixel") {
  const Drawing drawing({"111111111", ".........", "11111.111", "11111.111", "......111"});
  std::vector<int32_t> labels(drawing.grid.size(), 0);
  Markers markers;
  const auto first = markers.Label(drawing.mask(), drawing.grid, labels);
  REQUIRE(first.size() == 1);
  CHECK(first[0] == static_cast<int32_t>(drawing.grid.At(kFrame, 2 + kFrame)));
  CHECK(labels == Drawing({".........", ".........", "11111....", "11111....", "........."}).values);
}
