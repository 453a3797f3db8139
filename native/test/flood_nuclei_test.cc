#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "drawing.h"
#include "nuclei/flood.h"

using namespace hoverslide;

namespace {

std::vector<int32_t> Flooded(const Drawing& level, Drawing labels) {
  const int32_t w = labels.grid.width;
  BitPlane frontier;
  frontier.Clear(labels.values.size());
  for (size_t i = w; i < frontier.size() - w; ++i) {
    const int32_t* label = &labels.values[i];
    const bool near = label[-w] == kUnlabelled || label[-1] == kUnlabelled || label[1] == kUnlabelled ||
                      label[w] == kUnlabelled;
    if (*label > 0 && near) frontier.Fill(i, i + 1);
  }
  BucketQueue queue;
  Flood(level.values, level.grid, frontier, queue, labels.values);
  return labels.values;
}

}  // namespace

TEST_CASE("a ridge between two markers divides them; pixels that no marker is connected to stay unlabelled") {
  const Drawing level({"1232.1", "1232.1"});
  const Drawing labels({"1...2-.", "1...2-."}, kOutside);
  const Drawing wide({"12321.1", "12321.1"});
  // Each flank is flooded from its own side first; the ridge goes to the marker whose flood arrives first.
  CHECK(Flooded(wide, labels) == Drawing({"11122-.", "11122-."}, kOutside).values);
}

TEST_CASE("on flat ground pixels go to the nearest marker, ties to the one that comes first") {
  const Drawing level({"1111111"});
  CHECK(Flooded(level, Drawing({"1.....2"}, kOutside)) == Drawing({"1111222"}, kOutside).values);
  CHECK(Flooded(level, Drawing({"2.....1"}, kOutside)) == Drawing({"2222111"}, kOutside).values);
}

TEST_CASE("a basin entered over a ridge is flooded at the ridge's level") {
  // Marker 1 spills over the 5 into the basin of 1s; 2 comes over a 4 and so first.
  const Drawing level({"1511141"});
  CHECK(Flooded(level, Drawing({"1.....2"}, kOutside)) == Drawing({"1122222"}, kOutside).values);
}

TEST_CASE("the bucket queue gives the order of level, then age") {
  std::mt19937 random(1);
  BucketQueue queue;
  for (int round = 0; round < 3; ++round) {
    queue.Clear();
    struct Entry {
      int32_t level, age;
    };
    std::vector<Entry> waiting;
    int32_t age = 0;
    int32_t floor = 0;
    for (int step = 0; step < 20000; ++step) {
      if (waiting.empty() || random() % 5 < 2 + (step < 8000)) {
        // Near, far, or equal to what has left.
        const int32_t rise = random() % 3 == 0 ? 0 : static_cast<int32_t>(random() % (1u << (random() % 27)));
        const int32_t level = std::min(1 << 28, floor + rise);
        queue.Push({level, age});
        waiting.push_back({level, age++});
        continue;
      }
      const auto next = std::min_element(waiting.begin(), waiting.end(), [](const Entry& a, const Entry& b) {
        return a.level != b.level ? a.level < b.level : a.age < b.age;
      });
      const FloodItem item = queue.Pop();
      REQUIRE(item.level == next->level);
      REQUIRE(item.pixel == next->age);
      floor = item.level;
      waiting.erase(next);
    }
    CHECK(queue.empty() == waiting.empty());
  }
}

TEST_CASE("the reference's heap lets equal entries leave in its own order") {
  // By hand: three equal ones pushed as 0, 1, 2. After 0 has left, the last one, 2, is on top.
  ReferenceHeap heap;
  for (int32_t pixel = 0; pixel < 3; ++pixel) heap.Push({7, pixel}, 0);
  CHECK(heap.Pop().pixel == 0);
  CHECK(heap.Pop().pixel == 2);
  heap.Push({3, 9}, 5);
  CHECK(heap.Pop().pixel == 9);
  CHECK(heap.Pop().pixel == 1);
  CHECK(heap.empty());
}

TEST_CASE("both floods agree where no two markers start on the same level") {
  const Drawing level({"13579", "24689", "35799", "46899", "57991"});
  Drawing labels({"1....", ".....", ".....", ".....", "..2.."}, kOutside);
  Drawing reference = labels;
  FloodLikeReference(level.values, level.grid, reference.values);
  CHECK(reference.values == Flooded(level, labels));
}

TEST_CASE("a flood can be cancelled") {
  const Grid grid = Grid::Framing(300, 300);
  std::vector<int32_t> labels(grid.size(), kOutside);
  for (int32_t y = 0; y < 300; ++y)
    std::fill_n(labels.begin() + grid.At(kFrame, y + kFrame), 300, kUnlabelled);
  labels[grid.At(100, 100)] = 1;
  const std::vector<int32_t> level(grid.size(), 0);
  const std::atomic<bool> cancelled = true;
  CHECK_THROWS_AS(FloodLikeReference(level, grid, labels, &cancelled), Cancelled);
}
