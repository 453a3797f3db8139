#pragma once

#include <cstdint>
#include <span>

#include "slide/openslide.h"

namespace hoverslide {

// Lays premultiplied ARGB pixels (native byte order, as OpenSlide and cairo write them) over `background`.
// `rgb` is [argb.size(), 3].
void CompositeArgb(std::span<const uint32_t> argb, Rgb background, uint8_t* rgb);

}  // namespace hoverslide
