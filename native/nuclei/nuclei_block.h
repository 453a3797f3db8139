#pragma once

#include <cstdint>
#include <vector>

namespace hoverslide {

// Measured nuclei, column by column, in model px; row k of every column is nucleus k. The fields mean what
// src/nuclei/block.ts says.
struct NucleiBlock {
  std::vector<int32_t> first_pixel;  // [n, 2] x y
  std::vector<int32_t> box;          // [n, 4] x y width height
  std::vector<int32_t> area;
  std::vector<double> centroid;  // [n, 2] x y
  std::vector<double> perimeter;
  std::vector<double> major_axis;
  std::vector<double> minor_axis;
  std::vector<double> eccentricity;
  std::vector<double> solidity;
  std::vector<double> orientation;
  std::vector<uint8_t> type;
  std::vector<double> share;
  std::vector<double> probability;
  std::vector<double> stain;              // [n, 4] haematoxylin mean and deviation, eosin mean and deviation
  std::vector<int32_t> vertices;          // [vertices, 2] x y
  std::vector<uint32_t> ring_start{0};    // first vertex of each ring, then the number of vertices
  std::vector<uint32_t> nucleus_ring{0};  // first ring of each nucleus, then the number of rings

  size_t count() const { return area.size(); }
};

}  // namespace hoverslide
