#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "nuclei/bit_plane.h"
#include "nuclei/grid.h"

namespace hoverslide {

// A plane drawn as text, one character a pixel, in a frame: '.' is 0, '1' to '9' themselves, '-' is -1.
struct Drawing {
  Grid grid;
  std::vector<int32_t> values;  // [grid]; the frame is `frame`

  explicit Drawing(const std::vector<std::string_view>& rows, int32_t frame = 0)
      : grid(Grid::Framing(static_cast<int32_t>(rows[0].size()), static_cast<int32_t>(rows.size()))),
        values(grid.size(), frame) {
    for (size_t y = 0; y < rows.size(); ++y) {
      for (size_t x = 0; x < rows[y].size(); ++x) {
        const char c = rows[y][x];
        values[grid.At(static_cast<int32_t>(x) + kFrame, static_cast<int32_t>(y) + kFrame)] =
            c == '.' ? 0 : (c == '-' ? -1 : c - '0');
      }
    }
  }

  // Where values are positive.
  BitPlane mask() const {
    BitPlane mask;
    mask.Clear(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i] > 0) mask.Fill(i, i + 1);
    }
    return mask;
  }

  // The rows of the drawing without its frame.
  std::vector<GridRun> rows() const {
    std::vector<GridRun> rows;
    for (int32_t y = kFrame; y < grid.height - kFrame; ++y) {
      rows.push_back(
          {static_cast<int32_t>(grid.At(kFrame, y)), static_cast<int32_t>(grid.At(grid.width - kFrame, y))});
    }
    return rows;
  }
};

inline std::vector<bool> BitsOf(const BitPlane& plane) {
  std::vector<bool> bits(plane.size());
  for (size_t i = 0; i < bits.size(); ++i) bits[i] = plane[i];
  return bits;
}

}  // namespace hoverslide
