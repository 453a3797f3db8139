#include "nuclei/label.h"

#include <algorithm>
#include <cstring>

namespace hoverslide {
namespace {

// Where the stretch of zeros (or nonzeros, unless `zeros`) that may begin at `x` ends. Looks at eight pixels
// at a time.
int32_t SkipWhile(const uint8_t* row, int32_t x, int32_t width, bool zeros) {
  for (; x + 8 <= width; x += 8) {
    uint64_t word;
    std::memcpy(&word, row + x, sizeof(word));
    constexpr uint64_t kLow = 0x0101010101010101;
    constexpr uint64_t kHigh = kLow << 7;
    const bool all = zeros ? word == 0 : ((word - kLow) & ~word & kHigh) == 0;
    if (!all) break;
  }
  while (x < width && (row[x] == 0) == zeros) ++x;
  return x;
}

}  // namespace

void Components::Find(std::span<const uint8_t> mask, int32_t width, int32_t height, bool of_zeros) {
  runs_.clear();
  areas_.clear();
  size_t above = 0;
  for (int32_t y = 0; y < height; ++y) {
    const size_t here = runs_.size();
    const size_t offset = static_cast<size_t>(y) * width;
    FindRuns(mask.data() + offset, static_cast<int32_t>(offset), width, of_zeros);
    JoinRows(above, here, width);
    above = here;
  }
  // Until now `component` is the index of an earlier run of the same component, or the run's own; a root
  // comes before all others and so has its number by the time they ask.
  for (size_t k = 0; k < runs_.size(); ++k) {
    Run& run = runs_[k];
    if (run.component == static_cast<int32_t>(k)) {
      run.component = count();
      areas_.push_back(0);
    } else {
      run.component = runs_[run.component].component;
    }
    areas_[run.component] += run.end - run.begin;
  }
}

void Components::FindRuns(const uint8_t* row, int32_t offset, int32_t width, bool of_zeros) {
  for (int32_t x = SkipWhile(row, 0, width, !of_zeros); x < width;) {
    const int32_t end = SkipWhile(row, x, width, of_zeros);
    runs_.push_back({offset + x, offset + end, static_cast<int32_t>(runs_.size())});
    x = SkipWhile(row, end, width, !of_zeros);
  }
}

void Components::JoinRows(size_t above, size_t here, int32_t width) {
  size_t upper = above;
  for (size_t k = here; k < runs_.size(); ++k) {
    const int32_t begin = runs_[k].begin - width;
    const int32_t end = runs_[k].end - width;
    while (upper < here && runs_[upper].end <= begin) ++upper;
    for (size_t other = upper; other < here && runs_[other].begin < end; ++other) {
      const int32_t a = Root(static_cast<int32_t>(other));
      const int32_t b = Root(static_cast<int32_t>(k));
      runs_[std::max(a, b)].component = std::min(a, b);
    }
  }
}

// Root of a run's tree; halves the path on the way, so that chains stay short.
int32_t Components::Root(int32_t run) {
  while (runs_[run].component != run) {
    runs_[run].component = runs_[runs_[run].component].component;
    run = runs_[run].component;
  }
  return run;
}

int32_t LabelComponents(std::span<const uint8_t> mask, int32_t width, int32_t height,
                        std::span<int32_t> labels) {
  Components components;
  components.Find(mask, width, height);
  std::fill(labels.begin(), labels.end(), 0);
  for (const Components::Run& run : components.runs()) {
    std::fill(labels.begin() + run.begin, labels.begin() + run.end, run.component + 1);
  }
  return components.count();
}

}  // namespace hoverslide
