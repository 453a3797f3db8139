#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace hoverslide {

// One label of a map: how many pixels have it, and the sums of their coordinates (whole numbers, so that the
// centroid does not depend on the order of summation).
struct LabelStat {
  int32_t label;
  int64_t area;
  int64_t sum_x;
  int64_t sum_y;
};

// Pixels that have label `first` (an index into the table's first labels) in one map and `second` in the
// other.
struct LabelPair {
  uint32_t first;
  uint32_t second;
  int64_t pixels;
};

struct OverlapTable {
  std::vector<LabelStat> first, second;  // ascending labels, background (0) left out
  std::vector<LabelPair> pairs;          // ascending (first, second), neither being background
};

// Counts how the labels of two maps of one size overlap, in one pass, strip by strip: memory grows with the
// number of labels, not with the size of the maps. Not thread-safe.
class OverlapCounter {
 public:
  // Takes rows `top` and following of both maps, row-major; 0 is background. Throws std::invalid_argument if
  // the sizes differ, are no whole number of rows, or a label is negative.
  void Add(std::span<const int32_t> first, std::span<const int32_t> second, int32_t width, int64_t top);

  // Of all that was added; adding may go on afterwards.
  OverlapTable Table() const;

 private:
  struct Moments {
    int64_t area = 0, sum_x = 0, sum_y = 0;
  };
  using Map = std::unordered_map<int32_t, Moments>;

  static void Count(Map& map, int32_t label, int64_t begin, int64_t end, int64_t y);

  Map first_, second_;
  std::unordered_map<uint64_t, int64_t> pairs_;  // (first << 32 | second) -> pixels
};

}  // namespace hoverslide
