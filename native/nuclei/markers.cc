#include "nuclei/markers.h"

namespace hoverslide {
namespace {

// The ellipse as a union of a row of 5 in three rows and a pixel above and below: one erosion or dilation, by
// `both` (and, or), of all rows but the frame's. `rows` is scratch. In the frame's columns, where neighbours
// are those of other rows, `out` means nothing.
template <typename Both>
inline void Ellipse(const BitPlane& in, const Grid& grid, BitPlane& rows, BitPlane& out, Both both) {
  rows.Clear(in.size());
  out.Clear(in.size());
  for (size_t k = 0; k < in.count(); ++k) {
    const auto i = static_cast<ptrdiff_t>(64 * k);
    rows.word(k) =
        both(both(both(in.From(i - 2), in.From(i - 1)), both(in.From(i + 1), in.From(i + 2))), in.word(k));
  }
  const ptrdiff_t w = grid.width;
  const size_t end = grid.size() - kFrame * w;
  for (size_t k = kFrame * w / 64; k <= (end - 1) / 64; ++k) {
    const auto i = static_cast<ptrdiff_t>(64 * k);
    out.word(k) = both(both(both(rows.From(i - w), rows.word(k)), rows.From(i + w)),
                       both(in.From(i - 2 * w), in.From(i + 2 * w)));
  }
}

void SetFrame(BitPlane& plane, const Grid& grid, bool value) {
  plane.Fill(0, grid.At(kFrame, kFrame), value);
  for (int32_t y = kFrame; y < grid.height - kFrame; ++y) {
    const size_t end = grid.At(0, y + 1);
    plane.Fill(end - kFrame, end + kFrame, value);
  }
  plane.Fill(grid.At(0, grid.height - kFrame), grid.size(), value);
}

// Whether a row has pixels of 0 between pixels of 1, as one with a hole has.
bool HasGap(const BitPlane& mask, const Grid& grid) {
  for (int32_t y = kFrame; y < grid.height - kFrame; ++y) {
    const size_t end = grid.At(0, y + 1);
    const size_t run_end = mask.Next(false, mask.Next(true, grid.At(0, y), end), end);
    if (mask.Next(true, run_end, end) < end) return true;
  }
  return false;
}

}  // namespace

void Markers::FillHoles(BitPlane& mask, const Grid& grid) {
  if (!HasGap(mask, grid)) return;
  components_.Find(mask, grid.width, grid.height, true);
  if (components_.count() == 1) return;  // the outside alone
  for (const Components::Run& run : components_.runs()) {
    if (run.component != 0) mask.Fill(run.begin, run.end);
  }
}

// An opening is never larger than what is opened: a frame of 0 stays so by itself.
void Markers::Open(BitPlane& mask, const Grid& grid, bool beyond) {
  if (beyond) SetFrame(mask, grid, true);
  Ellipse(mask, grid, rows_, eroded_, [](uint64_t a, uint64_t b) { return a & b; });
  if (beyond) SetFrame(eroded_, grid, false);
  Ellipse(eroded_, grid, rows_, mask, [](uint64_t a, uint64_t b) { return a | b; });
  if (beyond) SetFrame(mask, grid, false);
}

void Markers::Number(const BitPlane& mask, const Grid& grid) {
  components_.Find(mask, grid.width, grid.height);
  number_.assign(components_.count(), 0);
  runs_.clear();
  first_.clear();
  for (const Components::Run& run : components_.runs()) {
    if (components_.area(run.component) < kSmallestArea) continue;
    int32_t& number = number_[run.component];
    if (number == 0) {
      first_.push_back(run.begin);
      number = static_cast<int32_t>(first_.size());
    }
    runs_.push_back({run.begin, run.end, number});
  }
}

}  // namespace hoverslide
