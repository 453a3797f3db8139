#pragma once

#include <array>
#include <cstdint>

namespace hoverslide {

// Haematoxylin and eosin by colour deconvolution (Ruifrok and Johnston, Anal. Quant. Cytol. Histol. 2001:
// their vectors for haematoxylin, eosin and DAB): optical density -log10(I / 255), a channel value of 0 taken
// as 1. A stain is a linear function of the three densities, so a table per channel, in whole 2^-16, gives it
// with two additions.
struct StainTable {
  static constexpr double kUnit = 65536;
  // [channel][value]: what this channel adds to each stain; below 2^19 all together.
  std::array<std::array<int32_t, 256>, 3> haematoxylin, eosin;

  StainTable();
};
extern const StainTable kStain;

}  // namespace hoverslide
