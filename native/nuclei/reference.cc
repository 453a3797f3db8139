#include "nuclei/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "nuclei/flood.h"
#include "nuclei/grid.h"
#include "nuclei/label.h"
#include "nuclei/markers.h"
#include "nuclei/reference_sobel.h"
#include "nuclei/relief.h"

namespace hoverslide {
namespace {

void CheckMaps(const FloatMaps& maps) {
  const int64_t area = int64_t{maps.width} * maps.height;
  if (maps.width < 1 || maps.height < 1) throw std::invalid_argument("maps must have at least one pixel");
  if ((int64_t{maps.width} + 2 * kFrame) * (int64_t{maps.height} + 2 * kFrame) >
      std::numeric_limits<int32_t>::max()) {
    throw std::invalid_argument("maps must have fewer than 2^31 pixels");
  }
  const auto check = [&](const char* name, std::span<const float> map) {
    if (static_cast<int64_t>(map.size()) != area) {
      throw std::invalid_argument(std::string(name) + " has " + std::to_string(map.size()) +
                                  " values, expected " + std::to_string(area));
    }
    for (size_t i = 0; i < map.size(); ++i) {
      if (std::isfinite(map[i])) continue;
      throw std::invalid_argument(std::string(name) + " is not finite at row " +
                                  std::to_string(i / maps.width) + ", column " +
                                  std::to_string(i % maps.width));
    }
  };
  check("np", maps.np);
  check("h", maps.h);
  check("v", maps.v);
}

// Step 1: finds where np >= 0.5 [grid], without components that are too small.
BitPlane BlobsOf(const FloatMaps& maps, const Grid& grid) {
  BitPlane blobs;
  blobs.Clear(grid.size());
  for (int32_t y = 0; y < maps.height; ++y) {
    const float* np = maps.np.data() + static_cast<size_t>(y) * maps.width;
    for (int32_t x = 0; x < maps.width; ++x) {
      const size_t i = grid.At(x + kFrame, y + kFrame);
      blobs.word(i / 64) |= uint64_t{np[x] >= 0.5f} << i % 64;
    }
  }
  Components components;
  components.Find(blobs, grid.width, grid.height);
  for (const Components::Run& run : components.runs()) {
    if (components.area(run.component) < kSmallestArea) blobs.Fill(run.begin, run.end, false);
  }
  return blobs;
}

// Step 2 for one axis: raises `ridges` [grid] to those of this axis. The gradient is computed twice, for its
// range and for its values, rather than kept.
void RaiseRidges(const FloatMaps& maps, Axis axis, const Grid& grid, const std::atomic<bool>* cancelled,
                 std::vector<int32_t>& ridges) {
  const std::span<const float> map = axis == Axis::kX ? maps.h : maps.v;
  const auto [low, high] = std::minmax_element(map.begin(), map.end());
  const MinMaxScale map_scale(*low, *high);
  double min = std::numeric_limits<double>::infinity();
  double max = -min;
  FloatSobel range(map, maps.width, maps.height, axis, map_scale);
  for (int32_t y = 0; y < maps.height; ++y) {
    ThrowIfCancelled(cancelled);
    for (const double gradient : range.Next()) {
      min = std::min(min, gradient);
      max = std::max(max, gradient);
    }
  }
  const MinMaxScale gradient_scale(min, max);
  FloatSobel values(map, maps.width, maps.height, axis, map_scale);
  for (int32_t y = 0; y < maps.height; ++y) {
    ThrowIfCancelled(cancelled);
    const std::span<const double> row = values.Next();
    int32_t* ridge = ridges.data() + grid.At(kFrame, y + kFrame);
    for (int32_t x = 0; x < maps.width; ++x) ridge[x] = std::max(ridge[x], RidgeOf(gradient_scale(row[x])));
  }
}

// Writes into the frame what OpenCV's Gaussian of 3x3 finds beyond the border.
void MirrorIntoFrame(const Grid& grid, std::vector<int32_t>& plane) {
  const int32_t width = grid.width - 2 * kFrame;
  const int32_t height = grid.height - 2 * kFrame;
  for (int32_t y = -1; y <= height; ++y) {
    for (int32_t x = -1; x <= width; x += y < 0 || y == height ? 1 : width + 1) {
      plane[grid.At(x + kFrame, y + kFrame)] =
          plane[grid.At(Reflected(x, width) + kFrame, Reflected(y, height) + kFrame)];
    }
  }
}

}  // namespace

std::vector<int32_t> ReferenceInstances(const FloatMaps& maps, const std::atomic<bool>* cancelled) {
  CheckMaps(maps);
  const Grid grid = Grid::Framing(maps.width, maps.height);
  const BitPlane blobs = BlobsOf(maps, grid);

  std::vector<int32_t> depth(grid.size(), 0);  // ridges, until turned
  RaiseRidges(maps, Axis::kX, grid, cancelled, depth);
  RaiseRidges(maps, Axis::kY, grid, cancelled, depth);
  BitPlane marker;
  marker.Clear(grid.size());
  for (size_t i = 0; i < grid.size(); ++i) {
    marker.word(i / 64) |= uint64_t{blobs[i] && depth[i] < kMarkerRidge} << i % 64;
    depth[i] = blobs[i] ? kOne - depth[i] : 0;
  }
  MirrorIntoFrame(grid, depth);
  std::vector<int32_t> level(grid.size());
  std::vector<GridRun> rows;
  for (int32_t y = kFrame; y < grid.height - kFrame; ++y) {
    rows.push_back(
        {static_cast<int32_t>(grid.At(kFrame, y)), static_cast<int32_t>(grid.At(grid.width - kFrame, y))});
  }
  LevelsOf(depth, grid, rows, level);

  ThrowIfCancelled(cancelled);
  Markers markers;
  markers.FillHoles(marker, grid);
  markers.Open(marker, grid, true);
  markers.Number(marker, grid);
  std::vector<int32_t> labels(grid.size(), kUnlabelled);
  for (const MarkerRun& run : markers.runs()) {
    std::fill(labels.begin() + run.begin, labels.begin() + run.end, run.marker);
  }
  for (size_t i = 0; i < grid.size(); ++i) {
    if (!blobs[i]) labels[i] = kOutside;
  }
  FloodLikeReference(level, grid, labels, cancelled);

  std::vector<int32_t> instances(static_cast<size_t>(maps.width) * maps.height);
  for (int32_t y = 0; y < maps.height; ++y) {
    for (int32_t x = 0; x < maps.width; ++x) {
      instances[static_cast<size_t>(y) * maps.width + x] =
          std::max(0, labels[grid.At(x + kFrame, y + kFrame)]);
    }
  }
  return instances;
}

}  // namespace hoverslide
