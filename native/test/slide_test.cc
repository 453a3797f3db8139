#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "slide/composite.h"
#include "slide/resample.h"

using namespace hoverslide;

namespace {

std::vector<uint8_t> Over(uint32_t argb, Rgb background) {
  std::vector<uint8_t> rgb(3);
  CompositeArgb({&argb, 1}, background, rgb.data());
  return rgb;
}

// A row of grey pixels [0, values.size()) as an RGB image one pixel high, resampled to output pixels [begin,
// end).
std::vector<int> ResampleRow(const std::vector<int>& values, double scale, int64_t begin, int64_t end) {
  const PixelRange needed = SourceRange({begin, end}, scale);
  const PixelRange rows = SourceRange({0, 1}, scale);
  std::vector<uint8_t> source;
  for (int64_t y = rows.begin; y < rows.end; ++y) {
    for (int64_t x = needed.begin; x < needed.end; ++x) {
      const bool inside = x >= 0 && x < static_cast<int64_t>(values.size());
      source.insert(source.end(), 3, static_cast<uint8_t>(inside ? values[x] : 255));
    }
  }
  std::vector<uint8_t> output(static_cast<size_t>(end - begin) * 3);
  Resample(source, {needed, rows}, scale, {{begin, end}, {0, 1}}, output);
  std::vector<int> grey;
  for (size_t i = 0; i < output.size(); i += 3) grey.push_back(output[i]);
  return grey;
}

}  // namespace

TEST_CASE("premultiplied pixels are laid over the background") {
  const Rgb background{200, 100, 50};
  CHECK(Over(0xff102030, background) == std::vector<uint8_t>{16, 32, 48});
  CHECK(Over(0x00000000, background) == std::vector<uint8_t>{200, 100, 50});
  // alpha 102 is 0.4: 0.6 of the background remains
  CHECK(Over(0x66280a00, background) == std::vector<uint8_t>{160, 70, 30});
}

TEST_CASE("source ranges hold the pixels whose centres lie within the filter") {
  // twice as fine: output 0 has its centre at -0.25 of source pixel centres, between source -1 and 0
  CHECK(SourceRange({0, 1}, 0.5).begin == -1);
  CHECK(SourceRange({0, 1}, 0.5).end == 1);
  // twice as coarse: centre at 0.5, half width 2: -1 .. 2
  CHECK(SourceRange({0, 1}, 2).begin == -1);
  CHECK(SourceRange({0, 1}, 2).end == 3);
  CHECK(SourceRange({5, 5}, 2).begin == SourceRange({5, 5}, 2).end);
}

TEST_CASE("up-sampling by two weighs neighbours 3 to 1") {
  const std::vector<int> values{0, 80, 160, 240};
  CHECK(ResampleRow(values, 0.5, 1, 7) == std::vector<int>{20, 60, 100, 140, 180, 220});
}

TEST_CASE("down-sampling by two weighs 1 3 3 1") {
  const std::vector<int> values{8, 16, 40, 80, 160, 240};
  // (16 + 3 * 40 + 3 * 80 + 160) / 8 = 67
  CHECK(ResampleRow(values, 2, 1, 2) == std::vector<int>{67});
}

TEST_CASE("a flat colour stays exactly flat at any scale") {
  for (const int value : {0, 1, 127, 254, 255}) {
    const std::vector<int> flat(4000, value);
    for (const double scale : {0.11, 0.497, 0.88, 1.13, 2.0, 3.7, 32.19}) {
      const auto begin = static_cast<int64_t>(100 / scale), end = static_cast<int64_t>(3800 / scale);
      for (const int result : ResampleRow(flat, scale, begin, end)) REQUIRE(result == value);
    }
  }
}

TEST_CASE("a ramp keeps its place: no shift by any scale") {
  std::vector<int> ramp(256);
  for (int i = 0; i < 256; ++i) ramp[i] = i;
  for (const double scale : {0.3137, 0.501002, 0.7713, 1.1364, 1.7071, 2.4143}) {
    const auto begin = static_cast<int64_t>(10 / scale), end = static_cast<int64_t>(240 / scale);
    const auto result = ResampleRow(ramp, scale, begin, end);
    double error = 0;
    for (size_t i = 0; i < result.size(); ++i) {
      // uneven scales, so that the rounding to whole values averages out
      error += result[i] - ((static_cast<double>(begin) + static_cast<double>(i) + 0.5) * scale - 0.5);
    }
    CHECK(std::abs(error / static_cast<double>(result.size())) < 0.02);
  }
}

TEST_CASE("sizes that do not fit are refused") {
  std::vector<uint8_t> source(30), output(3);
  CHECK_THROWS_AS(Resample(source, {{0, 4}, {0, 2}}, 2, {{0, 1}, {0, 1}}, output), std::invalid_argument);
  source.resize(24);
  CHECK_THROWS_AS(Resample(source, {{0, 4}, {0, 2}}, 2, {{0, 1}, {0, 1}}, output), std::invalid_argument);
  CHECK_THROWS_AS(Resample(source, {{0, 4}, {0, 2}}, 0, {{0, 1}, {0, 1}}, output), std::invalid_argument);
}
