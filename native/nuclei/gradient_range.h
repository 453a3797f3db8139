#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace hoverslide {

// Smallest and largest raw gradient of packed maps [height, width, 4], in units of h and v themselves: of
// d/dx of h, then of d/dy of v. Only pixels count whose kernel of `sobel` taps, with the margin of the
// largest one, lies within the maps. Throws std::invalid_argument if no pixel does, or if a size makes no
// sense.
std::array<double, 4> GradientRange(std::span<const uint8_t> maps, int32_t width, int32_t height,
                                    int32_t sobel);

}  // namespace hoverslide
