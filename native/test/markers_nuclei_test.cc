#include <doctest/doctest.h>

#include "drawing.h"
#include "nuclei/markers.h"

using namespace hoverslide;

TEST_CASE("holes are background that is not 4-connected to the outside") {
  // The hole on the left is open over a corner only, which does not count; the bay on the right is open.
  const Drawing drawing({".1111.1", "1...1.1", "1...11.", ".111..1"});
  BitPlane mask = drawing.mask();
  Markers().FillHoles(mask, drawing.grid);
  CHECK(BitsOf(mask) == BitsOf(Drawing({".1111.1", "11111.1", "111111.", ".111..1"}).mask()));
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
  BitPlane mask = drawing.mask();
  Markers markers;
  markers.Open(mask, drawing.grid, false);
  CHECK(BitsOf(mask) == BitsOf(Drawing({
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
                                   .mask()));
}

TEST_CASE(
    "where the erosion takes pixels beyond the border to be set, as OpenCV does, a block at the border "
    "stays") {
  const Drawing drawing({"111....", "111....", "111....", "......."});
  Markers markers;
  BitPlane mask = drawing.mask();
  markers.Open(mask, drawing.grid, true);
  CHECK(BitsOf(mask) == BitsOf(Drawing({"111....", "111....", "1......", "......."}).mask()));
  mask = drawing.mask();
  markers.Open(mask, drawing.grid, false);
  CHECK(BitsOf(mask) == std::vector<bool>(drawing.grid.size()));
}

TEST_CASE("markers under 10 px are dropped, the others numbered by first pixel") {
  const Drawing drawing({"111111111", ".........", "11111.111", "11111.111", "......111"});
  Markers markers;
  markers.Number(drawing.mask(), drawing.grid);
  REQUIRE(markers.first().size() == 1);
  CHECK(markers.first()[0] == static_cast<int32_t>(drawing.grid.At(kFrame, 2 + kFrame)));
  std::vector<int32_t> labels(drawing.grid.size(), 0);
  for (const MarkerRun& run : markers.runs()) {
    std::fill(labels.begin() + run.begin, labels.begin() + run.end, run.marker);
  }
  CHECK(labels == Drawing({".........", ".........", "11111....", "11111....", "........."}).values);
}
