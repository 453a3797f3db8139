#include "nuclei/label.h"

#include <algorithm>

namespace hoverslide {

void Components::Find(const BitPlane& mask, int32_t width, int32_t height, bool of_zeros) {
  runs_.clear();
  areas_.clear();
  size_t above = 0;
  for (int32_t y = 0; y < height; ++y) {
    const size_t here = runs_.size();
    const size_t row = static_cast<size_t>(y) * width;
    const size_t row_end = row + width;
    for (size_t begin = mask.Next(!of_zeros, row, row_end); begin < row_end;) {
      const size_t end = mask.Next(of_zeros, begin, row_end);
      runs_.push_back(
          {static_cast<int32_t>(begin), static_cast<int32_t>(end), static_cast<int32_t>(runs_.size())});
      begin = mask.Next(!of_zeros, end, row_end);
    }
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

}  // namespace hoverslide
