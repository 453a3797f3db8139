#include "context/components.h"

#include <algorithm>
#include <stdexcept>

namespace hoverslide {

void EachComponent(const CellMask& mask, bool eight, const std::function<void(const Component&)>& visit) {
  mask.Check();
  const int32_t width = mask.width, height = mask.height;
  std::vector<bool> seen(mask.cells.size());
  for (size_t start = 0; start < mask.cells.size(); ++start) {
    if (!mask.cells[start] || seen[start]) continue;
    Component component{{static_cast<uint32_t>(start)}, false};
    seen[start] = true;
    for (size_t next = 0; next < component.cells.size(); ++next) {
      const auto x = static_cast<int32_t>(component.cells[next] % width);
      const auto y = static_cast<int32_t>(component.cells[next] / width);
      component.at_border |= x == 0 || y == 0 || x == width - 1 || y == height - 1;
      for (int32_t row = std::max(0, y - 1); row <= std::min(height - 1, y + 1); ++row) {
        for (int32_t column = std::max(0, x - 1); column <= std::min(width - 1, x + 1); ++column) {
          const size_t at = static_cast<size_t>(row) * width + column;
          if ((!eight && row != y && column != x) || !mask.cells[at] || seen[at]) continue;
          seen[at] = true;
          component.cells.push_back(static_cast<uint32_t>(at));
        }
      }
    }
    std::sort(component.cells.begin(), component.cells.end());
    visit(component);
  }
}

std::vector<double> ComponentSums(const CellMask& mask, std::span<const double> weights) {
  if (weights.size() != mask.cells.size()) throw std::invalid_argument("expected a weight for each cell");
  std::vector<double> sums;
  EachComponent(mask, false, [&](const Component& component) {
    double sum = 0;
    for (const uint32_t cell : component.cells) sum += weights[cell];
    sums.push_back(sum);
  });
  return sums;
}

}  // namespace hoverslide
