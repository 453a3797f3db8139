#include "nuclei/label.h"

namespace hoverslide {
namespace {

// Root of a provisional label; halves the path on the way, so that chains stay short.
int32_t Find(std::vector<int32_t>& parent, int32_t label) {
  while (parent[label] != label) {
    parent[label] = parent[parent[label]];
    label = parent[label];
  }
  return label;
}

}  // namespace

int32_t LabelComponents(std::span<const uint8_t> mask, int32_t width, int32_t height,
                        std::span<int32_t> labels) {
  // Smaller roots win a union, so that a root is the provisional label of its component's first pixel
  // and numbering roots in ascending order is numbering by first pixel.
  std::vector<int32_t> parent{0};
  for (int32_t y = 0; y < height; ++y) {
    const size_t row = static_cast<size_t>(y) * width;
    for (int32_t x = 0; x < width; ++x) {
      const size_t i = row + x;
      if (!mask[i]) {
        labels[i] = 0;
        continue;
      }
      const int32_t left = x > 0 ? labels[i - 1] : 0;
      const int32_t up = y > 0 ? labels[i - width] : 0;
      if (left == 0 && up == 0) {
        labels[i] = static_cast<int32_t>(parent.size());
        parent.push_back(labels[i]);
      } else if (left == 0 || up == 0 || left == up) {
        labels[i] = left != 0 ? left : up;
      } else {
        const int32_t a = Find(parent, left);
        const int32_t b = Find(parent, up);
        const int32_t root = a < b ? a : b;
        parent[a < b ? b : a] = root;
        labels[i] = root;
      }
    }
  }
  int32_t count = 0;
  std::vector<int32_t> number(parent.size(), 0);
  for (size_t label = 1; label < parent.size(); ++label) {
    const int32_t root = Find(parent, static_cast<int32_t>(label));
    number[label] = root == static_cast<int32_t>(label) ? ++count : number[root];  // a root comes first
  }
  for (int32_t& label : labels) label = number[label];
  return count;
}

}  // namespace hoverslide
