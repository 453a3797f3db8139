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
  // Both stains in one number, so that one addition does for both: eosin * 2^32 + haematoxylin.
  struct Both {
    int64_t sum;

    int32_t haematoxylin() const { return static_cast<int32_t>(sum); }
    int32_t eosin() const { return static_cast<int32_t>((sum - haematoxylin()) >> 32); }
  };

  StainTable();
  Both Of(uint8_t r, uint8_t g, uint8_t b) const { return {table_[0][r] + table_[1][g] + table_[2][b]}; }

 private:
  // [channel][value]: what this channel adds to each stain; below 2^19 all together.
  std::array<std::array<int64_t, 256>, 3> table_;
};
extern const StainTable kStain;

}  // namespace hoverslide
