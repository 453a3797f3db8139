#pragma once

#include <bit>
#include <cstdint>

namespace hoverslide {

// Margin in px that the Sobel 21x21 kernel needs around a blob.
inline constexpr int kBlobMargin = 10;

// A blob with a side over this many px is cut on the fixed lattice before it is segmented.
inline constexpr int kMaxBlobSide = 2048;

// One pixel of the packed maps with the colour that the net saw there.
struct MapPixel {
  uint8_t np = 0;    // floor(256 p) up to 255; part of a blob from 128 on
  uint8_t h = 128;   // round(100 x) + 128
  uint8_t v = 128;   // round(100 y) + 128
  uint8_t type = 0;  // argmax class
  uint8_t r = 255, g = 255, b = 255;
  uint8_t unused = 0;
};
static_assert(sizeof(MapPixel) == 8);

// The bytes of a pixel in one word, np lowest: for loops over one field, which compilers vectorise in this
// form.
inline uint64_t WordOf(const MapPixel& pixel) {
  static_assert(std::endian::native == std::endian::little);
  return std::bit_cast<uint64_t>(pixel);
}

}  // namespace hoverslide
