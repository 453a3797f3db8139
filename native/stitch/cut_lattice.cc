#include "stitch/cut_lattice.h"

#include "nuclei/bit_plane.h"
#include "nuclei/label.h"

namespace hoverslide {

std::vector<CutPart> ConnectedParts(std::span<const PixelRun> runs, const Box& window) {
  const int32_t width = window.width();
  const auto index = [&](const PixelRun& run) {
    return static_cast<size_t>(run.y - window.y0) * width + (run.x0 - window.x0);
  };
  BitPlane mask;
  mask.Clear(static_cast<size_t>(width) * window.height());
  for (const PixelRun& run : runs) mask.Fill(index(run), index(run) + (run.x1 - run.x0));
  Components components;
  components.Find(mask, width, window.height());

  std::vector<CutPart> parts(components.count());
  auto whole = components.runs().begin();  // contains the current run, which may end at a tile's border
  for (const PixelRun& run : runs) {
    while (static_cast<size_t>(whole->end) <= index(run)) ++whole;
    CutPart& part = parts[whole->component];
    part.box = Joined(part.box, {run.x0, run.y, run.x1, run.y + 1});
    part.area = components.area(whole->component);
    part.runs.push_back(run);
  }
  return parts;
}

}  // namespace hoverslide
