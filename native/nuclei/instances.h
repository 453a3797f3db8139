#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hoverslide {

// What the reference code lists of each instance, column by column, in ascending order of ids.
struct InstanceTable {
  std::vector<int32_t> id;
  std::vector<int32_t> box;      // [n, 4] row0, column0, row1, column1, [row0, row1) by [column0, column1)
  std::vector<double> centroid;  // [n, 2] x y, mean of integer pixel coordinates
  std::vector<uint8_t> type;     // the most frequent class; background only where there is no other vote
  std::vector<double>
      share;  // its share of the pixels, with the 10^-6 that the reference adds to their number
  std::vector<int32_t> contour;            // vertices x y through pixel centres (contour.h)
  std::vector<uint32_t> contour_start{0};  // first vertex of each, then the number of vertices
};

// Describes the positive labels of `labels` [height, width]; `types` has the same shape. Throws
// std::invalid_argument if sizes do not fit.
InstanceTable DescribeInstances(std::span<const int32_t> labels, std::span<const uint8_t> types,
                                int32_t width, int32_t height);

}  // namespace hoverslide
