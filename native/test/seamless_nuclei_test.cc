#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "nuclei/reference.h"
#include "nuclei/seamless.h"
#include "windows.h"

using namespace hoverslide;

namespace {

// Steep enough that a drop from 1 to -1 between two touching discs is a ridge.
constexpr SeamlessConstants kConstants{-1.1e10, 0.9e10, -1.1e10, 0.9e10};

struct Disc {
  double x, y, radius;
};

// The window of one blob, drawn from discs, with its box from (0, 0) on in model space.
struct DiscBlob : DrawnWindow {
  std::vector<uint8_t> buffer;

  DiscBlob(int32_t w, int32_t h, const std::vector<Disc>& discs)
      : DrawnWindow({-kBlobMargin, -kBlobMargin, w + kBlobMargin, h + kBlobMargin}) {
    for (const Disc& disc : discs) {
      for (int32_t y = 0; y < h; ++y) {
        for (int32_t x = 0; x < w; ++x) {
          const double dx = (x + 0.5 - disc.x) / disc.radius;
          const double dy = (y + 0.5 - disc.y) / disc.radius;
          if (std::hypot(dx, dy) > 1) continue;
          const size_t i = static_cast<size_t>(y + kBlobMargin) * window.width() + x + kBlobMargin;
          inside[i] = 1;
          pixels[i] = {.np = 220,
                       .h = static_cast<uint8_t>(std::lround(100 * dx) + 128),
                       .v = static_cast<uint8_t>(std::lround(100 * dy) + 128),
                       .type = 1};
        }
      }
    }
    AppendTo(buffer, window);
  }
};

}  // namespace

TEST_CASE("one disc is one nucleus of just its pixels") {
  const DiscBlob blob(24, 24, {{12, 12, 12}});
  const NucleiBlock block = SegmentBlobs(blob.buffer, kConstants);
  REQUIRE(block.count() == 1);
  CHECK(block.box == std::vector<int32_t>{0, 0, 24, 24});
  CHECK(block.centroid == std::vector<double>{12, 12});
  CHECK(block.major_axis[0] == doctest::Approx(24).epsilon(0.01));
  CHECK(block.perimeter[0] == doctest::Approx(24 * 3.14159).epsilon(0.02));
  CHECK(block.nucleus_ring == std::vector<uint32_t>{0, 1});
}

TEST_CASE("marker threshold and Sobel size are the model's own") {
  // Two discs that overlap, with a shallow ridge between them.
  const DiscBlob blob(34, 24, {{12, 12, 12}, {22, 12, 12}});
  const auto count = [&](int32_t sobel, double marker) {
    SeamlessConstants constants = kConstants;
    constants.sobel = sobel;
    constants.marker = marker;
    if (sobel == 11) {  // the gradients of a kernel of 11 taps are about 2^18 times smaller
      for (double* limit : {&constants.h_min, &constants.h_max, &constants.v_min, &constants.v_max}) {
        *limit = std::ldexp(*limit, -18);
      }
    }
    return SegmentBlobs(blob.buffer, constants).count();
  };
  CHECK(count(21, 0.1) == 1);
  CHECK(count(21, 0.2) == 2);
  CHECK(count(21, 0.4) == 2);
  CHECK(count(11, 0.2) == 1);
  CHECK(count(11, 0.4) == 2);
  for (const int32_t sobel : {1, 2, 20, 23, -3}) CHECK_THROWS_AS(count(sobel, 0.4), std::invalid_argument);
  for (const double marker : {0.0, 1.0, -0.1, std::nan("")}) {
    CHECK_THROWS_AS(count(21, marker), std::invalid_argument);
  }
}

TEST_CASE("two discs that touch are two nuclei, divided between their centres") {
  const DiscBlob blob(44, 24, {{12, 12, 12}, {32, 12, 12}});
  const NucleiBlock block = SegmentBlobs(blob.buffer, kConstants);
  REQUIRE(block.count() == 2);
  CHECK(block.centroid[0] == doctest::Approx(11).epsilon(0.1));
  CHECK(block.centroid[2] == doctest::Approx(33).epsilon(0.1));
}

TEST_CASE("a blob without a marker gives no nucleus") {
  DiscBlob blob(3, 3, {{1.5, 1.5, 2}});
  CHECK(SegmentBlobs(blob.buffer, kConstants).count() == 0);
}

TEST_CASE("what is written as another blob's pixel counts in the gradients only") {
  // A second disc beside the first, but not of this blob.
  DiscBlob blob(44, 24, {{12, 12, 12}, {32, 12, 12}});
  for (int32_t y = 0; y < 44; ++y) {
    for (int32_t x = 22 + kBlobMargin; x < 64; ++x) blob.inside[y * 64 + x] = 0;
  }
  std::vector<uint8_t> buffer;
  blob.AppendTo(buffer, blob.window);
  const NucleiBlock block = SegmentBlobs(buffer, kConstants);
  REQUIRE(block.count() == 1);
  CHECK(block.box[2] == 22);
}

TEST_CASE("a nucleus whose marker starts outside the owner is left to another window") {
  DiscBlob blob(44, 24, {{12, 12, 12}, {32, 12, 12}});
  const Box left{-kBlobMargin, -kBlobMargin, 20, 24 + kBlobMargin};
  std::memcpy(blob.buffer.data() + sizeof(Box), &left, sizeof(Box));
  const NucleiBlock block = SegmentBlobs(blob.buffer, kConstants);
  REQUIRE(block.count() == 1);
  CHECK(block.centroid[0] < 20);
}

TEST_CASE("buffers are used again without a trace: large, small, large blobs give what each gives alone") {
  const DiscBlob large(44, 24, {{12, 12, 12}, {32, 12, 12}});
  const DiscBlob small(24, 24, {{12, 12, 12}});
  std::vector<uint8_t> all = large.buffer;
  all.insert(all.end(), small.buffer.begin(), small.buffer.end());
  all.insert(all.end(), large.buffer.begin(), large.buffer.end());
  const NucleiBlock block = SegmentBlobs(all, kConstants);
  const NucleiBlock alone = SegmentBlobs(large.buffer, kConstants);
  REQUIRE(block.count() == 5);
  for (size_t k : {0, 1}) {
    CHECK(block.area[k] == alone.area[k]);
    CHECK(block.area[k + 3] == alone.area[k]);
    CHECK(block.perimeter[k + 3] == alone.perimeter[k]);
  }
}

TEST_CASE("windows and constants that make no sense are refused") {
  const DiscBlob blob(24, 24, {{12, 12, 12}});
  CHECK_THROWS_AS(SegmentBlobs(std::span(blob.buffer).first(40), kConstants), std::invalid_argument);
  CHECK_THROWS_AS(SegmentBlobs(blob.buffer, {1, 1, 0, 1}), std::invalid_argument);
  CHECK_THROWS_AS(SegmentBlobs(blob.buffer, {0, NAN, 0, 1}), std::invalid_argument);
  CHECK_THROWS_AS(SegmentBlobs(blob.buffer, {-1e308, 1e308, 0, 1}), std::invalid_argument);
  const auto refused = [](const DrawnWindow& window) {
    std::vector<uint8_t> buffer;
    window.AppendTo(buffer, window.window);
    CHECK_THROWS_AS(SegmentBlobs(buffer, kConstants), std::invalid_argument);
  };
  refused(DrawnWindow({0, 0, 2 * kBlobMargin, 50}));
  refused(DrawnWindow({0, 0, kMaxBlobSide + 2 * kBlobMargin + 1, 50}));
  DrawnWindow in_margin({0, 0, 40, 40});
  in_margin.inside[9 * 40 + 15] = 1;
  refused(in_margin);
}

TEST_CASE("runs that are not what a blob has are refused") {
  DiscBlob blob(24, 24, {{12, 12, 12}});
  BlobHeader header;
  std::memcpy(&header, blob.buffer.data(), sizeof(header));
  const auto refused = [&](auto change) {
    std::vector<uint8_t> buffer = blob.buffer;
    change(reinterpret_cast<Run*>(buffer.data() + header.RunsAt()),
           reinterpret_cast<Run*>(buffer.data() + header.NeighbourhoodAt()));
    CHECK_THROWS_AS(SegmentBlobs(buffer, kConstants), std::invalid_argument);
  };
  refused([](Run* runs, Run*) { std::swap(runs[3], runs[4]); });
  refused([](Run* runs, Run*) { runs[3].end = runs[3].begin; });
  refused([](Run* runs, Run*) { ++runs[3].end; });
  refused([](Run* runs, Run*) { runs[23].y = 60000; });
  refused([](Run*, Run* around) { around[7].end = 60000; });
  refused([](Run*, Run* around) { around[43].y = 44; });
  refused([](Run*, Run* around) { around[7].y = 6; });
}

TEST_CASE("with a map's own range as constants, seamless gives the reference's instances") {
  // Values that packing keeps, far from the border.
  const int32_t side = 80;
  const DiscBlob blob(side - 2 * kBlobMargin, side - 2 * kBlobMargin,
                      {{16, 30, 15}, {44, 30, 15}, {30, 16, 12}});
  const std::vector<MapPixel>& pixels = blob.pixels;
  std::vector<float> np(side * side), h(np.size()), v(np.size());
  for (size_t i = 0; i < np.size(); ++i) {
    np[i] = pixels[i].np >= 128;
    h[i] = static_cast<float>(pixels[i].h - 128) / 100;
    v[i] = static_cast<float>(pixels[i].v - 128) / 100;
  }
  // The raw range, by the kernel itself.
  double range[4] = {INFINITY, -INFINITY, INFINITY, -INFINITY};
  DrawnWindow padded({0, 0, side + 20, side + 20});
  for (int32_t y = 0; y < side; ++y)
    std::copy_n(pixels.begin() + y * side, side, &padded.pixels[(y + 10) * (side + 20) + 10]);
  std::vector<uint8_t> buffer;
  padded.AppendTo(buffer, padded.window);
  size_t offset = 0;
  PackedSobel sobel(kSobel);
  sobel.Begin(ReadBlob(buffer, offset));
  for (int32_t y = 0; y < side; ++y) {
    sobel.Row(10, y + 10, side);
    for (int32_t x = 0; x < side; ++x) {
      range[0] = std::min(range[0], sobel.h_gradient()[x] / 100);
      range[1] = std::max(range[1], sobel.h_gradient()[x] / 100);
      range[2] = std::min(range[2], sobel.v_gradient()[x] / 100);
      range[3] = std::max(range[3], sobel.v_gradient()[x] / 100);
    }
  }
  const std::vector<int32_t> instances =
      ReferenceInstances({.width = side, .height = side, .np = np, .h = h, .v = v});
  std::vector<int32_t> areas;
  for (const int32_t id : instances) {
    if (id <= 0) continue;
    if (static_cast<size_t>(id) > areas.size()) areas.resize(id);
    ++areas[id - 1];
  }
  const NucleiBlock block = SegmentBlobs(blob.buffer, {range[0], range[1], range[2], range[3]});
  std::vector<int32_t> own = block.area;
  std::sort(own.begin(), own.end());
  std::sort(areas.begin(), areas.end());
  CHECK(own.size() == 3);
  CHECK(own == areas);
}

TEST_CASE("the reference takes no marker from flat maps, and refuses what is not finite") {
  const std::vector<float> one(20 * 12, 1), zero(20 * 12, 0);
  const FloatMaps flat{.width = 20, .height = 12, .np = one, .h = zero, .v = zero};
  CHECK(ReferenceInstances(flat) == std::vector<int32_t>(20 * 12, 0));
  std::vector<float> bad = zero;
  bad[25] = INFINITY;
  CHECK_THROWS_WITH(ReferenceInstances({.width = 20, .height = 12, .np = one, .h = bad, .v = zero}),
                    "h is not finite at row 1, column 5");
  CHECK_THROWS_AS(ReferenceInstances({.width = 20, .height = 13, .np = one, .h = zero, .v = zero}),
                  std::invalid_argument);
  CHECK_THROWS_AS(ReferenceInstances({.width = 1 << 17, .height = 1 << 17, .np = one, .h = zero, .v = zero}),
                  std::invalid_argument);
  const std::atomic<bool> cancelled = true;
  CHECK_THROWS_AS(ReferenceInstances(flat, &cancelled), Cancelled);
}
