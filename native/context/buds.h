#pragma once

#include <cstdint>
#include <vector>

#include "context/nuclei_index.h"

namespace hoverslide {

// A small group of tumour nuclei by itself.
struct Bud {
  uint32_t nuclei;
  double x, y;  // of its first nucleus in the index, in um
};

// Finds the groups of 1 to 4 tumour nuclei (the most that the International Tumor Budding Consensus
// Conference 2016 calls a bud) that are more than 30 um from all other tumour nuclei; within a group each is
// at most 30 um from another. In the order of their first nuclei in the index.
std::vector<Bud> FindBuds(const NucleiIndex& index);

}  // namespace hoverslide
