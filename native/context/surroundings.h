#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "context/aggregates.h"
#include "context/covariance.h"
#include "context/distance.h"
#include "context/nuclei_index.h"
#include "context/role_pyramid.h"

namespace hoverslide {

// What is around the nuclei of a row group; [n] each, in the order of the rows. Where there is no value: NaN,
// or -1 for whole numbers.
struct Surroundings {
  static constexpr std::array<double, 3> kRadii{20, 50, 100};  // um

  // Distance in um to the nearest other nucleus of each role.
  std::array<std::vector<float>, kRoles> nearest;
  // Other nuclei of each role within each radius.
  std::array<std::array<std::vector<int32_t>, kRoles>, kRadii.size()> within;
  // Neighbours in the Gabriel graph, their mean distance in um, the share of them with the same type.
  std::vector<int32_t> degree;
  std::vector<float> mean_edge, same_type;
  // Mean resultant length of the doubled orientations of nuclei of its role within 50 um, itself included.
  std::vector<float> alignment;
  // Tumour nuclei: weights of the immune nuclei within 50 um, added up, in units of 2^-30. 0 for others.
  std::vector<double> cross_weight;
  // Number of the lymphoid aggregate.
  std::vector<int32_t> aggregate;
  // Distances to the edges of tissue and tumour in um.
  std::vector<float> tissue_edge, tumour_edge;
};

// What is looked at around a nucleus.
struct Ground {
  const NucleiIndex& index;
  const RolePyramid& pyramid;
  const Aggregates& aggregates;
  const SetCovariance& covariance;  // of the tissue
  CellMask tissue;
  std::span<const float> tissue_edge, tumour_edge;  // by cell of the tissue's grid; no tumour_edge: no region
};

// Fewest nuclei whose alignment says anything.
inline constexpr int kFewestAligned = 5;

// Computes what is around nuclei that are in the index. Each nucleus finds itself there once.
// Throws std::invalid_argument if one is not.
Surroundings FindSurroundings(const Ground& ground, const NucleiColumns& nuclei);

}  // namespace hoverslide
