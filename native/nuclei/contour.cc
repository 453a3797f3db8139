#include "nuclei/contour.h"

#include "nuclei/label.h"

namespace hoverslide {
namespace {

constexpr uint8_t kPixel = 1;  // of the region
constexpr uint8_t kSeen = 2;   // of a part of it that has been found

}  // namespace

void Contours::Append(std::span<const int32_t> labels, int32_t width, int32_t label, const Box& box,
                      std::vector<int32_t>& out) {
  const Box framed = Grown(box, 1);
  width_ = framed.width();
  height_ = framed.height();
  mask_.assign(static_cast<size_t>(width_) * height_, 0);
  for (int32_t y = box.y0; y < box.y1; ++y) {
    for (int32_t x = box.x0; x < box.x1; ++x) {
      if (labels[static_cast<size_t>(y) * width + x] == label)
        mask_[(y - framed.y0) * width_ + x - framed.x0] = kPixel;
    }
  }
  Trace(FindStart(), {framed.x0, framed.y0}, out);
}

// Finds the first pixel of the last part that borders on what lies outside of all parts.
int32_t Contours::FindStart() {
  BitPlane mask;
  mask.Clear(mask_.size());
  for (size_t i = 0; i < mask_.size(); ++i) mask.word(i / 64) |= uint64_t{mask_[i] == kPixel} << i % 64;
  Components background;
  background.Find(mask, width_, height_, true);
  int32_t start = -1;
  for (const Components::Run& run : background.runs()) {
    // The pixel to the right of the outside is the first of its part if the part has not been seen.
    if (run.component != 0 || run.end % width_ == 0 || mask_[run.end] != kPixel) continue;
    start = run.end;
    FloodPart(start);
  }
  return start;
}

void Contours::FloodPart(int32_t start) {
  const int32_t steps[] = {-width_ - 1, -width_, -width_ + 1, -1, 1, width_ - 1, width_, width_ + 1};
  mask_[start] = kSeen;
  stack_.assign(1, start);
  while (!stack_.empty()) {
    const int32_t i = stack_.back();
    stack_.pop_back();
    for (const int32_t step : steps) {
      if (mask_[i + step] != kPixel) continue;
      mask_[i + step] = kSeen;
      stack_.push_back(i + step);
    }
  }
}

void Contours::Trace(int32_t start, Pixel corner, std::vector<int32_t>& out) const {
  // Directions counter-clockwise on a screen, from the right.
  const int32_t steps[] = {1, -width_ + 1, -width_, -width_ - 1, -1, width_ - 1, width_, width_ + 1};
  const auto add = [&](int32_t i) {
    out.push_back(corner.x + i % width_);
    out.push_back(corner.y + i / width_);
  };
  // The border's last pixel: the first neighbour met clockwise from the left, where the outside is.
  int direction = 3;
  while (direction != 4 && mask_[start + steps[direction]] == 0) direction = (direction + 7) & 7;
  if (direction == 4) return add(start);  // a pixel on its own
  const int32_t last = start + steps[direction];

  int came = direction ^ 4;  // direction of the step that led here
  int32_t at = start;
  while (true) {
    // Counter-clockwise from where the border came from.
    int next = (direction + 1) & 7;
    while (mask_[at + steps[next]] == 0) next = (next + 1) & 7;
    if (next != came) add(at);
    came = next;
    const int32_t before = at;
    at += steps[next];
    direction = next ^ 4;
    if (at == start && before == last) return;
  }
}

}  // namespace hoverslide
