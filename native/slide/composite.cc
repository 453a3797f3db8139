#include "slide/composite.h"

#include <algorithm>

namespace hoverslide {
namespace {

uint8_t Over(uint32_t premultiplied, uint32_t alpha, uint32_t background) {
  return static_cast<uint8_t>(std::min(255u, premultiplied + ((255 - alpha) * background + 127) / 255));
}

}  // namespace

void CompositeArgb(std::span<const uint32_t> argb, Rgb background, uint8_t* rgb) {
  for (const uint32_t pixel : argb) {
    const uint32_t alpha = pixel >> 24;
    const uint32_t r = (pixel >> 16) & 255, g = (pixel >> 8) & 255, b = pixel & 255;
    const bool opaque = alpha == 255;  // nearly always: spare the divisions
    rgb[0] = opaque ? static_cast<uint8_t>(r) : Over(r, alpha, background.r);
    rgb[1] = opaque ? static_cast<uint8_t>(g) : Over(g, alpha, background.g);
    rgb[2] = opaque ? static_cast<uint8_t>(b) : Over(b, alpha, background.b);
    rgb += 3;
  }
}

}  // namespace hoverslide
