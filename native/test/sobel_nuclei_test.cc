#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "drawing.h"
#include "nuclei/reference_sobel.h"
#include "nuclei/relief.h"
#include "nuclei/sobel.h"
#include "windows.h"

using namespace hoverslide;

namespace {

// The buffer of a window whose pixels are all in the neighbourhood.
std::vector<uint8_t> WholeWindow(int32_t width, int32_t height, const std::vector<MapPixel>& pixels) {
  DrawnWindow window({0, 0, width, height});
  window.pixels = pixels;
  std::vector<uint8_t> buffer;
  window.AppendTo(buffer, window.window);
  return buffer;
}

void Begin(PackedSobel& sobel, const std::vector<uint8_t>& buffer) {
  size_t offset = 0;
  sobel.Begin(ReadBlob(buffer, offset));
}

}  // namespace

TEST_CASE("the kernel is OpenCV's: binomials, and their differences") {
  CHECK(kSobel.smooth[0] == 184756);  // 20 over 10
  CHECK(kSobel.smooth[1] == 167960);
  CHECK(kSobel.smooth[10] == 1);
  CHECK(kSobel.derive[0] == 0);
  CHECK(kSobel.derive[1] == 92378 - 75582);  // 19 over 9, less 19 over 8
  CHECK(kSobel.derive[10] == 1);
}

TEST_CASE("a smaller kernel is the same in the middle of zeros") {
  constexpr SobelKernel three = MakeSobelKernel(3);  // [1 2 1] and [-1 0 1]
  CHECK(three.smooth == std::array<int32_t, 11>{2, 1});
  CHECK(three.derive == std::array<int32_t, 11>{0, 1});
  constexpr SobelKernel five = MakeSobelKernel(5);  // [1 4 6 4 1] and [-1 -2 0 2 1]
  CHECK(five.smooth == std::array<int32_t, 11>{6, 4, 1});
  CHECK(five.derive == std::array<int32_t, 11>{0, 2, 1});
}

TEST_CASE("a slope has the same gradient everywhere, a plane none") {
  // Rises by 2 a column in h, by 3 a row in v. The kernel's response to a slope of 1 is 2^20 times the sum of
  // k * derive[k], which is 2^19.
  const int32_t width = 40;
  std::vector<MapPixel> pixels(width * 25);
  for (int32_t i = 0; i < width * 25; ++i) {
    pixels[i].h = static_cast<uint8_t>(2 * (i % width));
    pixels[i].v = static_cast<uint8_t>(3 * (i / width));
  }
  const std::vector<uint8_t> buffer = WholeWindow(width, 25, pixels);
  PackedSobel sobel(kSobel);
  Begin(sobel, buffer);
  for (int32_t y = 10; y < 15; ++y) {
    sobel.Row(10, y, 20);
    for (int32_t x = 0; x < 20; ++x) {
      CHECK(sobel.h_gradient()[x] == 2 * std::ldexp(1, 39));
      CHECK(sobel.v_gradient()[x] == 3 * std::ldexp(1, 39));
    }
  }
}

TEST_CASE("packed and float gradients are the same inside a map, however extreme") {
  std::mt19937 random(1);
  const int32_t width = 37, height = 133;
  std::vector<MapPixel> pixels(width * height);
  std::vector<float> h(pixels.size()), v(pixels.size());
  for (size_t i = 0; i < pixels.size(); ++i) {
    h[i] = pixels[i].h = static_cast<uint8_t>(random() % 2 ? 255 : 0);
    v[i] = pixels[i].v = static_cast<uint8_t>(random());
  }
  const MinMaxScale same(0, 1);
  FloatSobel along_x(h, width, height, Axis::kX, same);
  FloatSobel along_y(v, width, height, Axis::kY, same);
  const std::vector<uint8_t> buffer = WholeWindow(width, height, pixels);
  PackedSobel sobel(kSobel);
  Begin(sobel, buffer);
  for (int32_t y = 0; y < height; ++y) {
    const std::span<const double> x_row = along_x.Next();
    const std::span<const double> y_row = along_y.Next();
    if (y < 10 || y >= height - 10) continue;
    sobel.Row(10, y, width - 20);
    for (int32_t x = 10; x < width - 10; ++x) {
      CHECK(sobel.h_gradient()[x - 10] == x_row[x]);
      CHECK(sobel.v_gradient()[x - 10] == y_row[x]);
    }
  }
}

TEST_CASE("borders are mirrored without repeating the border pixel") {
  CHECK(Reflected(-1, 5) == 1);
  CHECK(Reflected(5, 5) == 3);
  CHECK(Reflected(-10, 3) == 2);  // back and forth: 1 2 1 0 1 2 1 0 1 2
  CHECK(Reflected(12, 2) == 0);
  CHECK(Reflected(-7, 1) == 0);
}

TEST_CASE("normalising takes the minimum to 0 and the maximum to 1; a constant map to 0") {
  const MinMaxScale scale(-2, 6);
  CHECK(scale(-2.0f) == 0);
  CHECK(scale(6.0f) == 1);
  CHECK(scale(2.0) == 0.5f);
  const MinMaxScale constant(3, 3);
  CHECK(constant(3.0f) == 0);
}

TEST_CASE("levels: a lone deep pixel and flat ground, by hand") {
  const Drawing ground({"...", "...", "..."});
  const Grid& grid = ground.grid;
  std::vector<int32_t> depth(grid.size(), 0), level(grid.size(), -1);
  depth[grid.At(3, 3)] = kOne;
  LevelsOf(depth, grid, ground.rows(), level);
  CHECK(level[grid.At(3, 3)] == 12 * kOne);  // 16 - 4
  CHECK(level[grid.At(2, 3)] == 14 * kOne);  // 16 - 2
  CHECK(level[grid.At(2, 2)] == 15 * kOne);  // 16 - 1
  depth.assign(grid.size(), kOne);
  LevelsOf(depth, grid, ground.rows(), level);
  CHECK(level[grid.At(3, 3)] == 0);
}

TEST_CASE("levels of a map of one pixel stay within it") {
  const Drawing dot({"1"});
  std::vector<int32_t> depth(dot.grid.size(), 0), level(dot.grid.size(), -1);
  depth[dot.grid.At(kFrame, kFrame)] = kOne;
  LevelsOf(depth, dot.grid, dot.rows(), level);
  CHECK(level[dot.grid.At(kFrame, kFrame)] == 12 * kOne);
}

TEST_CASE("a ridge of 0.4 and more is no marker") {
  CHECK(RidgeOf(1.0f) == 0);
  CHECK(RidgeOf(0.0f) == kOne);
  CHECK(static_cast<double>(kMarkerRidge) / kOne >= 0.4);
  CHECK(static_cast<double>(kMarkerRidge - 1) / kOne < 0.4);
}
