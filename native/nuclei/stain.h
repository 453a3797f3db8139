#pragma once

#include <array>
#include <cstdint>

namespace hoverslide {

// Optical densities of the two pure stains in red, green and blue, of any length.
struct StainVectors {
  std::array<double, 3> haematoxylin, eosin;

  bool operator==(const StainVectors&) const = default;
};

// Haematoxylin and eosin by colour deconvolution (Ruifrok and Johnston, Anal. Quant. Cytol. Histol. 2001):
// optical density -log10(I / 255), a channel value of 0 taken as 1. A stain is a linear function of the three
// densities, so a table per channel, in whole 2^-16, gives it with two additions.
struct StainTable {
  static constexpr double kUnit = 65536;
  // Both stains in one number, so that one addition does for both: eosin * 2^32 + haematoxylin.
  struct Both {
    int64_t sum;

    int32_t haematoxylin() const { return static_cast<int32_t>(sum); }
    int32_t eosin() const { return static_cast<int32_t>((sum - haematoxylin()) >> 32); }
  };

  // The vectors of Ruifrok and Johnston for haematoxylin, eosin and DAB.
  StainTable();
  // A slide's own vectors; the third is at right angles to both, so that the two fit each colour best. Throws
  // std::invalid_argument if a number is not finite or the vectors are alike.
  explicit StainTable(const StainVectors& vectors);
  Both Of(uint8_t r, uint8_t g, uint8_t b) const { return {table_[0][r] + table_[1][g] + table_[2][b]}; }

 private:
  void Fill(const std::array<std::array<double, 3>, 3>& vectors);

  // [channel][value]: what this channel adds to each stain; below 2^23 all together.
  std::array<std::array<int64_t, 256>, 3> table_;
};

}  // namespace hoverslide
