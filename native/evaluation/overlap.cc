#include "evaluation/overlap.h"

#include <algorithm>
#include <stdexcept>

namespace hoverslide {
namespace {

// Index of a label that is known to be in `stats`, which ascend.
uint32_t IndexOf(const std::vector<LabelStat>& stats, int32_t label) {
  const auto less = [](const LabelStat& stat, int32_t value) { return stat.label < value; };
  return static_cast<uint32_t>(std::lower_bound(stats.begin(), stats.end(), label, less) - stats.begin());
}

}  // namespace

void OverlapCounter::Count(Map& map, int32_t label, int64_t begin, int64_t end, int64_t y) {
  if (label == 0) return;
  Moments& moments = map[label];
  const int64_t length = end - begin;
  moments.area += length;
  moments.sum_x += (begin + end - 1) * length / 2;  // exact: one of the two factors is even
  moments.sum_y += y * length;
}

void OverlapCounter::Add(std::span<const int32_t> first, std::span<const int32_t> second, int32_t width,
                         int64_t top) {
  if (width <= 0 || first.size() != second.size() || first.size() % static_cast<size_t>(width) != 0)
    throw std::invalid_argument("expected two strips of whole rows, equal in size");
  if (std::ranges::any_of(first, [](int32_t label) { return label < 0; }) ||
      std::ranges::any_of(second, [](int32_t label) { return label < 0; }))
    throw std::invalid_argument("expected labels of 0 and above");

  const auto rows = static_cast<int64_t>(first.size()) / width;
  for (int64_t row = 0; row < rows; ++row) {
    const int32_t* a = first.data() + row * width;
    const int32_t* b = second.data() + row * width;
    // One entry per run of equal pairs, not per pixel: nuclei are many pixels wide.
    for (int32_t begin = 0, end; begin < width; begin = end) {
      for (end = begin + 1; end < width && a[end] == a[begin] && b[end] == b[begin];) ++end;
      Count(first_, a[begin], begin, end, top + row);
      Count(second_, b[begin], begin, end, top + row);
      if (a[begin] != 0 && b[begin] != 0)
        pairs_[static_cast<uint64_t>(a[begin]) << 32 | static_cast<uint32_t>(b[begin])] += end - begin;
    }
  }
}

OverlapTable OverlapCounter::Table() const {
  const auto stats = [](const Map& map) {
    std::vector<LabelStat> sorted;
    sorted.reserve(map.size());
    for (const auto& [label, m] : map) sorted.push_back({label, m.area, m.sum_x, m.sum_y});
    std::ranges::sort(sorted, {}, &LabelStat::label);
    return sorted;
  };
  OverlapTable table{stats(first_), stats(second_), {}};
  std::vector<std::pair<uint64_t, int64_t>> keys(pairs_.begin(), pairs_.end());
  std::ranges::sort(keys);
  table.pairs.reserve(keys.size());
  for (const auto& [key, pixels] : keys)
    table.pairs.push_back({IndexOf(table.first, static_cast<int32_t>(key >> 32)),
                           IndexOf(table.second, static_cast<int32_t>(key & 0xffffffff)), pixels});
  return table;
}

}  // namespace hoverslide
