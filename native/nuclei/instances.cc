#include "nuclei/instances.h"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

#include "nuclei/contour.h"
#include "nuclei/measure.h"

namespace hoverslide {
namespace {

struct Instance {
  Box box = kEmptyBox;
  int64_t n = 0, x = 0, y = 0;
  std::array<int32_t, 256> votes{};

  void AddRun(int32_t begin, int32_t end, int32_t row, const uint8_t* types) {
    const int64_t count = end - begin;
    box = Joined(box, {begin, row, end, row + 1});
    n += count;
    x += count * (begin + int64_t{end} - 1) / 2;
    y += count * row;
    for (int32_t k = 0; k < count; ++k) ++votes[types[k]];
  }
};

// OpenCV's moments are taken within the box; the order of the roundings is the reference's.
double Centroid(int64_t sum, int64_t n, int32_t origin) {
  return static_cast<double>(sum - n * origin) / static_cast<double>(n) + origin;
}

}  // namespace

InstanceTable DescribeInstances(std::span<const int32_t> labels, std::span<const uint8_t> types,
                                int32_t width, int32_t height) {
  if (width < 1 || height < 1 || labels.size() != static_cast<size_t>(width) * height ||
      types.size() != labels.size()) {
    throw std::invalid_argument("instances and classes must both have the size that is given");
  }
  std::map<int32_t, Instance> instances;
  for (int32_t y = 0; y < height; ++y) {
    const size_t row = static_cast<size_t>(y) * width;
    for (int32_t x = 0; x < width;) {
      const int32_t begin = x++;
      const int32_t label = labels[row + begin];
      while (x < width && labels[row + x] == label) ++x;
      if (label > 0) instances[label].AddRun(begin, x, y, types.data() + row + begin);
    }
  }
  InstanceTable table;
  Contours contours;
  for (const auto& [id, instance] : instances) {
    table.id.push_back(id);
    const Box& box = instance.box;
    table.box.insert(table.box.end(), {box.y0, box.x0, box.y1, box.x1});
    table.centroid.insert(table.centroid.end(), {Centroid(instance.x, instance.n, box.x0),
                                                 Centroid(instance.y, instance.n, box.y0)});
    const uint8_t type = TypeOf(instance.votes);
    table.type.push_back(type);
    table.share.push_back(instance.votes[type] / (static_cast<double>(instance.n) + 1e-6));
    contours.Append(labels, width, id, box, table.contour);
    table.contour_start.push_back(static_cast<uint32_t>(table.contour.size() / 2));
  }
  return table;
}

}  // namespace hoverslide
