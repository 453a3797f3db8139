#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/grid.h"
#include "nuclei/map_pixel.h"
#include "nuclei/stain.h"

namespace hoverslide {

// What one pass over a nucleus's pixels adds up; all exact, so that no order of summation shows. Coordinates
// are those of the grid.
struct NucleusSums {
  int32_t label;
  int32_t first;                // first pixel in raster order, as an index into the grid
  int32_t x0, y0, x1, y1;       // box, [x0, x1) by [y0, y1)
  int64_t n, x, y, xx, xy, yy;  // raw moments of pixel coordinates
  int64_t straight, diagonal;   // chords along both axes, and along both diagonals
  int64_t np;                   // packed probabilities
  int64_t h, hh, e, ee;         // haematoxylin and eosin in StainTable's units, and their squares
};

// Sums and votes of all nuclei of a label plane, in the order of their first pixels in raster order.
class NucleiSums {
 public:
  // `labels` [grid]: 1 to `count` where a nucleus is. All of these lie in `runs`, which come in raster order;
  // `pixels` are those of the runs, one behind the other.
  void Add(std::span<const int32_t> labels, const Grid& grid, int32_t count, std::span<const GridRun> runs,
           std::span<const MapPixel> pixels, const StainTable& stain);

  std::span<const NucleusSums> nuclei() const { return nuclei_; }
  // Which of nuclei() has a label; -1 if none.
  int32_t IndexOf(int32_t label) const { return index_[label]; }
  // Pixels of nucleus `k` per class id; ids from its size on have none.
  std::span<const int32_t> votes(size_t k) const { return std::span(votes_).subspan(k * classes_, classes_); }

 private:
  NucleusSums& NucleusOf(int32_t label, int32_t first, int32_t x, int32_t y);

  std::vector<NucleusSums> nuclei_;
  std::vector<int32_t> index_;
  std::vector<int32_t> votes_;
  size_t classes_ = 0;
};

}  // namespace hoverslide
