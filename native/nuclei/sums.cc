#include "nuclei/sums.h"

#include <algorithm>

namespace hoverslide {
namespace {

// The pixels (x0..x1 - 1, y) of one nucleus; `labels` from the first of them on.
void AddRun(NucleusSums& sums, const int32_t* labels, ptrdiff_t width, int64_t x0, int64_t x1, int64_t y,
            const MapPixel* pixels, const StainTable& table, int32_t* votes) {
  const int64_t n = x1 - x0;
  const int64_t sum_x = n * (x0 + x1 - 1) / 2;
  const auto squares = [](int64_t k) { return (k - 1) * k * (2 * k - 1) / 6; };  // 0^2 + ... + (k - 1)^2
  sums.x0 = std::min<int32_t>(sums.x0, static_cast<int32_t>(x0));
  sums.x1 = std::max<int32_t>(sums.x1, static_cast<int32_t>(x1));
  sums.y1 = static_cast<int32_t>(y + 1);
  sums.n += n;
  sums.x += sum_x;
  sums.y += n * y;
  sums.xx += squares(x1) - squares(x0);
  sums.xy += sum_x * y;
  sums.yy += n * y * y;

  const int32_t* above = labels - width;
  int32_t straight = 1;  // the row's chord ends with the run; other chords end where they leave upwards
  int32_t diagonal = 0;
  for (int64_t k = 0; k < n; ++k) {
    straight += above[k] != sums.label;
    diagonal += (above[k - 1] != sums.label) + (above[k + 1] != sums.label);
  }
  sums.straight += straight;
  sums.diagonal += diagonal;

  NucleusSums added{};
  for (int64_t k = 0; k < n; ++k) {
    const MapPixel& pixel = pixels[k];
    added.np += pixel.np;
    ++votes[pixel.type];
    const StainTable::Both stain = table.Of(pixel.r, pixel.g, pixel.b);
    const int64_t h = stain.haematoxylin();
    const int64_t e = stain.eosin();
    added.h += h;
    added.hh += h * h;
    added.e += e;
    added.ee += e * e;
  }
  sums.np += added.np;
  sums.h += added.h;
  sums.hh += added.hh;
  sums.e += added.e;
  sums.ee += added.ee;
}

}  // namespace

void NucleiSums::Add(std::span<const int32_t> labels, const Grid& grid, int32_t count,
                     std::span<const GridRun> runs, std::span<const MapPixel> pixels,
                     const StainTable& stain) {
  uint8_t largest = 0;
  for (const MapPixel& pixel : pixels) largest = std::max(largest, pixel.type);
  classes_ = largest + size_t{1};
  votes_.assign(classes_ * count, 0);
  index_.assign(count + size_t{1}, -1);
  nuclei_.clear();
  const MapPixel* pixel = pixels.data();
  for (const GridRun& run : runs) {
    const int32_t y = run.begin / grid.width;
    const int32_t row = y * grid.width;
    for (int32_t i = run.begin; i < run.end;) {
      const int32_t label = labels[i];
      const int32_t begin = i++;
      while (i < run.end && labels[i] == label) ++i;
      if (label > 0) {
        NucleusSums& sums = NucleusOf(label, begin, begin - row, y);
        AddRun(sums, labels.data() + begin, grid.width, begin - row, i - row, y, pixel, stain,
               votes_.data() + index_[label] * classes_);
      }
      pixel += i - begin;
    }
  }
}

NucleusSums& NucleiSums::NucleusOf(int32_t label, int32_t first, int32_t x, int32_t y) {
  int32_t& index = index_[label];
  if (index < 0) {
    index = static_cast<int32_t>(nuclei_.size());
    NucleusSums sums{};
    sums.label = label;
    sums.first = first;
    sums.x0 = x;
    sums.y0 = y;
    nuclei_.push_back(sums);
  }
  return nuclei_[index];
}

}  // namespace hoverslide
