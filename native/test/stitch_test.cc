#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "nuclei/label.h"
#include "stitch/stitcher.h"

using namespace hoverslide;

namespace {

// A whole map that patches are cut from.
struct World {
  Lattice lattice;
  std::vector<uint8_t> maps;   // [height, width, 4]
  std::vector<Patch> patches;  // those that the net sees, in order

  World(int32_t patch, int32_t stride, int32_t width, int32_t height)
      : lattice{patch, stride, width, height}, maps(static_cast<size_t>(width) * height * 4, 128) {
    for (size_t k = 0; k < maps.size(); k += 4) maps[k] = 0;
  }
  uint8_t* At(int32_t x, int32_t y) { return &maps[(static_cast<size_t>(y) * lattice.width + x) * 4]; }
  void Fill(const Box& box) {
    for (int32_t y = box.y0; y < box.y1; ++y) {
      for (int32_t x = box.x0; x < box.x1; ++x) At(x, y)[0] = 200;
    }
  }
  void AddAllPatches() {
    for (int32_t j = 0; j * lattice.stride < lattice.height; ++j) {
      for (int32_t i = 0; i * lattice.stride < lattice.width; ++i) patches.push_back({i, j});
    }
  }
  std::vector<uint8_t> MapsOf(size_t k) {
    const Box box = lattice.Kept(patches[k]);
    std::vector<uint8_t> out;
    for (int32_t y = box.y0; y < box.y1; ++y) {
      for (int32_t x = box.x0; x < box.x1; ++x) {
        const bool on_slide = x < lattice.width && y < lattice.height;
        for (int c = 0; c < 4; ++c) out.push_back(on_slide ? At(x, y)[c] : 255);
      }
    }
    return out;
  }
  std::vector<uint8_t> PatchOf(size_t k) {
    return std::vector<uint8_t>(static_cast<size_t>(lattice.patch) * lattice.patch * 3,
                                static_cast<uint8_t>(k + 1));
  }
  void AddNext(Stitcher& stitcher, std::vector<uint8_t>& out) {
    const size_t k = stitcher.position();
    stitcher.Add(MapsOf(k), PatchOf(k), out);
  }
  std::vector<uint8_t> Stitch() {
    Stitcher stitcher(lattice, patches);
    std::vector<uint8_t> out;
    while (stitcher.position() < patches.size()) AddNext(stitcher, out);
    CHECK(stitcher.tiles_in_memory() == 0);
    return out;
  }
};

std::vector<BlobWindow> Parse(const std::vector<uint8_t>& buffer) {
  std::vector<BlobWindow> blobs;
  for (size_t offset = 0; offset < buffer.size();) blobs.push_back(ReadBlob(buffer, offset));
  return blobs;
}

// The blob's own pixels in global coordinates, in raster order.
std::vector<std::pair<int32_t, int32_t>> Pixels(const BlobWindow& blob) {
  std::vector<std::pair<int32_t, int32_t>> pixels;
  for (const Run& run : blob.runs) {
    for (int32_t x = run.begin; x < run.end; ++x) {
      pixels.push_back({blob.window.y0 + run.y, blob.window.x0 + x});
    }
  }
  return pixels;
}

// h << 8 | v of a blob's neighbourhood, by its window's y and x; -1 elsewhere.
struct Around {
  Box window;
  std::vector<int> values;
  size_t count = 0;

  explicit Around(const BlobWindow& blob)
      : window(blob.window), values(static_cast<size_t>(window.width()) * window.height(), -1) {
    for (const Run& run : blob.neighbourhood) {
      for (int32_t x = run.begin; x < run.end; ++x, ++count) {
        values[static_cast<size_t>(run.y) * window.width() + x] = blob.h[count] << 8 | blob.v[count];
      }
    }
  }
  int At(int32_t x, int32_t y) const {
    if (!window.contains(x, y)) return -1;
    return values[static_cast<size_t>(y - window.y0) * window.width() + (x - window.x0)];
  }
};

World RandomWorld(uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](int32_t n) { return static_cast<int32_t>(random() % n); };
  const int32_t stride = seed % 2 == 0 ? 64 : 32;  // with and without a middle that no neighbour sees
  World world(stride + 8, stride, 150 + below(60), 140 + below(80));
  for (size_t k = 0; k < world.maps.size(); ++k) world.maps[k] = static_cast<uint8_t>(below(120));
  for (int n = 0; n < 60; ++n) {
    const int32_t x = below(world.lattice.width - 1), y = below(world.lattice.height - 1);
    world.Fill({x, y, std::min(x + 1 + below(40), world.lattice.width),
                std::min(y + 1 + below(12), world.lattice.height)});
  }
  world.AddAllPatches();
  std::shuffle(world.patches.begin(), world.patches.end(), random);
  world.patches.resize(world.patches.size() - below(6));  // some patches have no tissue
  for (int32_t y = 0; y < world.lattice.height; ++y) {
    for (int32_t x = 0; x < world.lattice.width; ++x) {
      const bool seen = std::any_of(world.patches.begin(), world.patches.end(),
                                    [&](const Patch& p) { return world.lattice.Kept(p).contains(x, y); });
      if (!seen)
        std::copy_n(std::begin({uint8_t{0}, uint8_t{128}, uint8_t{128}, uint8_t{0}}), 4, world.At(x, y));
    }
  }
  return world;
}

}  // namespace

TEST_CASE("a blob across a patch border comes out whole, once, with the patch that completes it") {
  World world(12, 8, 24, 8);  // three patches in a row
  world.Fill({6, 2, 11, 5});
  world.AddAllPatches();
  Stitcher stitcher(world.lattice, world.patches);
  std::vector<uint8_t> out;
  world.AddNext(stitcher, out);
  world.AddNext(stitcher, out);
  CHECK(out.empty());  // its box grown by 10 px touches the third
  world.AddNext(stitcher, out);
  const auto blobs = Parse(out);
  REQUIRE(blobs.size() == 1);
  CHECK(blobs[0].window == Box{-4, -8, 21, 15});
  CHECK(blobs[0].owner == blobs[0].window);
  CHECK(Pixels(blobs[0]).size() == 15);
  CHECK(blobs[0].runs.size() == 3);                        // none ends at the border
  CHECK(Around(blobs[0]).At(-4, -8) == (128 << 8 | 128));  // beyond the slide
  CHECK(blobs[0].pixels[1].np == 200);
  CHECK(blobs[0].pixels[1].r == 1);  // the first patch's colour
  CHECK(blobs[0].pixels[2].r == 2);  // the second patch's
  CHECK(stitcher.tiles_in_memory() == 0);
}

TEST_CASE("components under 10 px are dropped") {
  World world(12, 8, 8, 8);
  world.Fill({0, 0, 3, 3});
  world.Fill({4, 4, 6, 8});  // 8 px
  world.Fill({6, 4, 7, 6});  // and 2 more: 10
  world.AddAllPatches();
  const auto out = world.Stitch();  // what blobs are windows of
  const auto blobs = Parse(out);
  REQUIRE(blobs.size() == 1);
  CHECK(Pixels(blobs[0]).size() == 10);
}

TEST_CASE(
    "random maps, any order of patches: exactly the components of the whole map, with all around them") {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    World world = RandomWorld(seed);
    const int32_t width = world.lattice.width, height = world.lattice.height;
    BitPlane mask;
    mask.Clear(static_cast<size_t>(width) * height);
    for (size_t k = 0; k < mask.size(); ++k) {
      if (world.maps[4 * k] >= 128) mask.Fill(k, k + 1);
    }
    Components components;
    components.Find(mask, width, height);
    std::vector<int32_t> labels(mask.size());
    for (const Components::Run& run : components.runs()) {
      std::fill(labels.begin() + run.begin, labels.begin() + run.end, run.component + 1);
    }
    std::map<int32_t, std::vector<std::pair<int32_t, int32_t>>> expected;
    for (int32_t y = 0; y < height; ++y) {
      for (int32_t x = 0; x < width; ++x) {
        if (const int32_t label = labels[static_cast<size_t>(y) * width + x])
          expected[label].push_back({y, x});
      }
    }
    std::erase_if(expected, [](const auto& entry) { return entry.second.size() < 10; });

    const std::vector<uint8_t> out = world.Stitch();
    std::map<int32_t, std::vector<std::pair<int32_t, int32_t>>> found;
    for (const BlobWindow& blob : Parse(out)) {
      const auto pixels = Pixels(blob);
      REQUIRE(!pixels.empty());
      CHECK(found.emplace(labels[static_cast<size_t>(pixels[0].first) * width + pixels[0].second], pixels)
                .second);
      // Everything within the margin of each of its pixels is there, as the whole map has it.
      const Around around(blob);
      for (size_t k = 0; k < pixels.size(); ++k) {
        const auto& [py, px] = pixels[k];
        const uint8_t* own = world.At(px, py);
        const MapPixel& pixel = blob.pixels[k];
        REQUIRE((pixel.np == own[0] && pixel.h == own[1] && pixel.v == own[2] && pixel.type == own[3]));
        for (int32_t y = py - kBlobMargin; y <= py + kBlobMargin; ++y) {
          for (int32_t x = px - kBlobMargin; x <= px + kBlobMargin; ++x) {
            const bool on_slide = x >= 0 && y >= 0 && x < width && y < height;
            const int expected_there = on_slide ? world.At(x, y)[1] << 8 | world.At(x, y)[2] : 128 << 8 | 128;
            const bool same = around.At(x, y) == expected_there;
            if (!same) REQUIRE(same);
          }
        }
      }
    }
    CHECK(found == expected);
  }
}

TEST_CASE("a stitcher saved after any patch goes on to the same blobs") {
  World world = RandomWorld(7);
  const std::vector<uint8_t> whole = world.Stitch();
  for (size_t stop = 0; stop <= world.patches.size(); ++stop) {
    std::vector<uint8_t> out;
    Stitcher first(world.lattice, world.patches);
    while (first.position() < stop) world.AddNext(first, out);
    Stitcher second(world.lattice, world.patches, first.Save());
    CHECK(second.Save() == first.Save());
    if (!second.Missing().empty()) CHECK_THROWS_AS(world.AddNext(second, out), std::logic_error);
    for (const uint32_t index : second.Missing())
      second.Refill(index, world.MapsOf(index), world.PatchOf(index));
    while (second.position() < world.patches.size()) world.AddNext(second, out);
    CHECK(out == whole);
  }
}

TEST_CASE("each patch of the slide is listed once at most") {
  const Lattice lattice{12, 8, 20, 9};  // three columns, two rows
  CHECK_NOTHROW(Stitcher(lattice, {{2, 1}, {0, 0}}));
  CHECK_THROWS_AS(Stitcher(lattice, {{2, 1}, {0, 0}, {2, 1}}), std::invalid_argument);
  for (const Patch beyond : {Patch{3, 0}, Patch{0, 2}, Patch{-1, 0}, Patch{0, -1}}) {
    CHECK_THROWS_AS(Stitcher(lattice, {beyond}), std::invalid_argument);
  }
}

TEST_CASE("saved state that does not fit is refused") {
  World world = RandomWorld(3);
  std::vector<uint8_t> out;
  Stitcher stitcher(world.lattice, world.patches);
  while (stitcher.position() < 5) world.AddNext(stitcher, out);
  std::vector<uint8_t> saved = stitcher.Save();
  const auto fewer = std::vector<Patch>(world.patches.begin(), world.patches.end() - 1);
  CHECK_THROWS_AS(Stitcher(world.lattice, fewer, saved), std::runtime_error);
  saved.pop_back();
  CHECK_THROWS_AS(Stitcher(world.lattice, world.patches, saved), std::runtime_error);
  Stitcher restored(world.lattice, world.patches, stitcher.Save());
  const uint32_t index = restored.Missing().front();
  std::vector<uint8_t> other = world.MapsOf(index);
  other[1] ^= 1;
  CHECK_THROWS_AS(restored.Refill(index, other, world.PatchOf(index)), std::runtime_error);
}

TEST_CASE("a patch of the largest size gives the same blobs as small ones, however many") {
  // Dots in every second pixel: 262,144 pieces in one tile, and strokes across them that touch hundreds.
  World large(kLargestStride, kLargestStride, 1100, 1030);
  for (int32_t y = 0; y < large.lattice.height; y += 2) {
    for (int32_t x = 0; x < large.lattice.width; x += 2) *large.At(x, y) = 200;
  }
  for (int32_t k = 0; k < 40; ++k) large.Fill({24 * k, 25 * k, 24 * k + 130, 25 * k + 1});
  World small = large;
  small.lattice.patch = small.lattice.stride = 128;
  const auto blobs = [](World& world) {
    world.AddAllPatches();
    const std::vector<uint8_t> out = world.Stitch();
    std::set<std::vector<std::pair<int32_t, int32_t>>> found;
    for (const BlobWindow& blob : Parse(out)) found.insert(Pixels(blob));
    return found;
  };
  const auto found = blobs(large);
  CHECK(found.size() > 20);
  CHECK(found == blobs(small));
}

TEST_CASE("long thin blobs take the memory of what lies around them, not of their boxes") {
  // Nested angles of 1,000 px: hundreds of boxes that cover each other, all complete with one of the last
  // patches.
  World world(264, 256, 1100, 1100);
  const int32_t count = 119;
  for (int32_t k = 0; k < count; ++k) {
    const int32_t corner = 20 + 8 * k;
    world.Fill({corner, corner, corner + 2, 1080});
    world.Fill({corner, corner, 1080, corner + 2});
    *(world.At(corner, corner) + 1) = static_cast<uint8_t>(k);
  }
  world.AddAllPatches();
  const std::vector<uint8_t> out = world.Stitch();
  const auto blobs = Parse(out);
  REQUIRE(blobs.size() == count);
  size_t boxes = 0;  // px
  for (int32_t k = 0; k < count; ++k) {
    const BlobWindow& blob = blobs[k];
    const auto side = static_cast<size_t>(blob.window.width());
    boxes += side * side;
    const Around around(blob);
    CHECK(around.count == 2 * 22 * side - 22 * 22);  // arms of 2 px with 10 on either side
    const int32_t corner = 20 + 8 * k;
    CHECK(around.At(corner, corner) == (k << 8 | 128));
    if (k > 0) CHECK(around.At(corner - 8, corner - 8) == ((k - 1) << 8 | 128));
  }
  CHECK(20 * out.size() < boxes * sizeof(MapPixel));
}

TEST_CASE("a blob beyond the stated size is cut into windows, each of its pixels owned once") {
  // A comb: a bar 2,300 px long with teeth, on a lattice of 64 px patches, some way off the origin.
  World world(72, 64, 2600, 1300);
  world.Fill({150, 40, 2450, 70});
  for (int32_t x = 160; x < 2440; x += 180) world.Fill({x, 70, x + 40, 1200});
  for (int32_t k = 0; k < 200; ++k) world.Fill({20, 100 + 5 * k, 40, 103 + 5 * k});  // small blobs beside it
  world.AddAllPatches();
  std::mt19937 random(1);
  for (int order = 0; order < 2; ++order) {
    if (order == 1) std::shuffle(world.patches.begin(), world.patches.end(), random);
    Stitcher stitcher(world.lattice, world.patches);
    std::vector<uint8_t> out, resumed;
    size_t half = world.patches.size() / 2;
    std::vector<uint8_t> saved;
    while (stitcher.position() < world.patches.size()) {
      if (stitcher.position() == half) saved = stitcher.Save(), resumed = out;
      world.AddNext(stitcher, out);
    }
    CHECK(stitcher.cut_blobs() == 1);
    CHECK(stitcher.tiles_in_memory() == 0);
    std::map<std::pair<int32_t, int32_t>, int> owned;
    for (const BlobWindow& blob : Parse(out)) {
      CHECK(std::max(blob.window.width(), blob.window.height()) <= kMaxBlobSide + 2 * kBlobMargin);
      for (const auto& [y, x] : Pixels(blob)) owned[{y, x}] += blob.owner.contains(x, y);
    }
    size_t expected = 0;
    for (size_t k = 0; k < world.maps.size(); k += 4) expected += world.maps[k] >= 128;
    CHECK(owned.size() == expected);
    CHECK(std::all_of(owned.begin(), owned.end(), [](const auto& entry) { return entry.second == 1; }));

    Stitcher again(world.lattice, world.patches, saved);
    for (const uint32_t index : again.Missing())
      again.Refill(index, world.MapsOf(index), world.PatchOf(index));
    while (again.position() < world.patches.size()) world.AddNext(again, resumed);
    CHECK(resumed == out);
  }
}
