#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/blob.h"

namespace hoverslide {

// A window of pixels with what of it belongs to the blob, written as the stitcher would.
struct DrawnWindow {
  Box window;
  std::vector<MapPixel> pixels;
  std::vector<uint8_t> inside;

  explicit DrawnWindow(const Box& box)
      : window(box), pixels(static_cast<size_t>(box.width()) * box.height()), inside(pixels.size()) {}

  void AppendTo(std::vector<uint8_t>& buffer, const Box& owner) const {
    const auto width = static_cast<uint16_t>(window.width());
    const auto height = static_cast<uint16_t>(window.height());
    std::vector<Run> runs, neighbourhood;
    std::vector<MapPixel> own;
    for (uint16_t y = 0; y < height; ++y) {
      neighbourhood.push_back({y, 0, width});
      for (uint16_t x = 0; x < width; ++x) {
        const size_t i = static_cast<size_t>(y) * width + x;
        if (!inside[i]) continue;
        own.push_back(pixels[i]);
        if (x > 0 && inside[i - 1]) {
          ++runs.back().end;
        } else {
          runs.push_back({y, x, static_cast<uint16_t>(x + 1)});
        }
      }
    }
    const BlobSpace space = AppendBlob(
        buffer, {window, owner, static_cast<uint32_t>(runs.size()), static_cast<uint32_t>(own.size()),
                 static_cast<uint32_t>(neighbourhood.size()), static_cast<uint32_t>(pixels.size())});
    std::copy(runs.begin(), runs.end(), space.runs.begin());
    std::copy(own.begin(), own.end(), space.pixels.begin());
    std::copy(neighbourhood.begin(), neighbourhood.end(), space.neighbourhood.begin());
    for (size_t i = 0; i < pixels.size(); ++i) {
      space.h[i] = pixels[i].h;
      space.v[i] = pixels[i].v;
    }
  }
};

}  // namespace hoverslide
