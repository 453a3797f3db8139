#include "context/surroundings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "context/gabriel.h"

namespace hoverslide {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

// Counts of one role within the three radii, 21 bits each: one addition for all.
constexpr int kField = 21;
constexpr uint64_t kMask = (uint64_t{1} << kField) - 1;

constexpr double Square(double value) { return value * value; }

constexpr double kWeightUnit = 1 << 30;

// What a look at all nuclei within 100 um gives. Entry kNoRole is for those without a role.
struct Window {
  std::array<uint64_t, kRoles + 1> counts;
  std::array<double, kRoles + 1> nearest;  // squared
  const IndexedNucleus* self;   // the first of its role and type at the very place; a twin does as well
  std::vector<Neighbour> near;  // within 50 um, without itself; only the first near_count
  size_t near_count;
};

class Finder {
 public:
  explicit Finder(const Ground& ground) : ground_(ground) {}

  void Find(const NucleiColumns& nuclei, size_t k, Surroundings& out) {
    const double x = nuclei.x[k], y = nuclei.y[k];
    const uint32_t role = nuclei.role[k] < kRoles ? nuclei.role[k] : kNoRole;
    Look(x, y, role, nuclei.type[k]);
    if (!window_.self) throw std::invalid_argument("expected nuclei of the index, found another one");
    for (uint32_t r = 0; r < kRoles; ++r) {
      for (size_t radius = 0; radius < Surroundings::kRadii.size(); ++radius)
        out.within[radius][r][k] = static_cast<int32_t>(window_.counts[r] >> kField * radius & kMask);
      double squared = window_.nearest[r];
      if (squared > Square(Surroundings::kRadii.back())) squared = Far(x, y, r, squared);
      out.nearest[r][k] = squared == kInfinity ? kNone : static_cast<float>(std::sqrt(squared));
    }
    Graph(x, y, nuclei.type[k], k, out);
    if (role != kNoRole) out.alignment[k] = Alignment(nuclei.orientation[k], role);
    if (role == kTumour) out.cross_weight[k] = CrossWeight(x, y);
    if (role == kImmune) out.aggregate[k] = ground_.aggregates.Of(ground_.index.PlaceOf(*window_.self));
    const CellMask everywhere{{}, ground_.tissue.width, ground_.tissue.height};
    out.tissue_edge[k] = static_cast<float>(Interpolated(ground_.tissue_edge, everywhere, x, y));
    if (!ground_.tumour_edge.empty())
      out.tumour_edge[k] = static_cast<float>(Interpolated(ground_.tumour_edge, ground_.tissue, x, y));
  }

 private:
  static constexpr double kSmall = Square(Surroundings::kRadii[0]);
  static constexpr double kMiddle = Square(Surroundings::kRadii[1]);
  static constexpr double kLarge = Square(Surroundings::kRadii[2]);

  void Look(double x, double y, uint32_t own_role, uint8_t own_type) {
    window_.counts.fill(0);
    window_.nearest.fill(kInfinity);
    window_.self = nullptr;
    size_t near = 0;
    ground_.index.EachRun(x, y, Surroundings::kRadii.back(), [&](std::span<const IndexedNucleus> run) {
      if (window_.near.size() < near + run.size() + 1) window_.near.resize(2 * (near + run.size() + 1));
      for (const IndexedNucleus& other : run) {
        const double squared = SquaredDistance(other, x, y);
        const uint32_t role = other.role;
        if (squared == 0 && !window_.self && role == own_role && other.type == own_type) {
          window_.self = &other;
          continue;
        }
        window_.counts[role] += static_cast<uint64_t>(squared <= kSmall) |
                                static_cast<uint64_t>(squared <= kMiddle) << kField |
                                static_cast<uint64_t>(squared <= kLarge) << 2 * kField;
        window_.nearest[role] = std::min(window_.nearest[role], squared);
        // Written always, kept only if near: a branch here would go wrong every fifth time.
        window_.near[near] = {other.x,
                              other.y,
                              squared,
                              other.cos2,
                              other.sin2,
                              static_cast<uint8_t>(role),
                              static_cast<uint8_t>(other.type)};
        near += squared <= kMiddle;
      }
    });
    window_.near_count = near;
  }

  std::span<const Neighbour> near() const { return {window_.near.data(), window_.near_count}; }

  // Square of the distance to a role of which there is none within the largest radius. The search begins with
  // what the nucleus before found, which is likely to be close by.
  double Far(double x, double y, uint32_t role, double squared) {
    if (!ground_.pyramid.Has(role)) return kInfinity;
    RolePyramid::Found& last = last_[role];
    RolePyramid::Found best{squared, nullptr};
    if (last.nucleus) {
      const double again = SquaredDistance(*last.nucleus, x, y);
      if (again > 0 && again < best.squared) best = {again, last.nucleus};
    }
    best = ground_.pyramid.Nearest(x, y, role, best);
    if (best.nucleus) last = best;
    return best.squared;
  }

  void Graph(double x, double y, uint8_t type, size_t k, Surroundings& out) {
    const auto neighbours = gabriel_.Neighbours(x, y, near());
    out.degree[k] = static_cast<int32_t>(neighbours.size());
    if (neighbours.empty()) return;
    double length = 0, same = 0;
    for (const Neighbour& each : neighbours) {
      length += std::sqrt(each.squared);
      same += each.type == type;
    }
    const auto count = static_cast<double>(neighbours.size());
    out.mean_edge[k] = static_cast<float>(length / count);
    out.same_type[k] = static_cast<float>(same / count);
  }

  float Alignment(float orientation, uint32_t role) const {
    const DoubledAngle own(orientation);
    int64_t cos2 = own.cos2, sin2 = own.sin2, count = 1;
    for (const Neighbour& each : near()) {
      if (each.role != role) continue;
      cos2 += each.cos2;
      sin2 += each.sin2;
      ++count;
    }
    if (count < kFewestAligned) return kNone;
    const auto x = static_cast<double>(cos2), y = static_cast<double>(sin2);
    const double length = std::sqrt(x * x + y * y);
    return static_cast<float>(std::min(1.0, length / (static_cast<double>(count) * DoubledAngle::kOne)));
  }

  double CrossWeight(double x, double y) const {
    int64_t sum = 0;
    for (const Neighbour& each : near())
      if (each.role == kImmune)
        sum += std::llround(ground_.covariance.Weight(each.x - x, each.y - y) * kWeightUnit);
    return static_cast<double>(sum);
  }

  const Ground& ground_;
  GabrielSearch gabriel_;
  Window window_;
  std::array<RolePyramid::Found, kRoles> last_{};
};

}  // namespace

Surroundings FindSurroundings(const Ground& ground, const NucleiColumns& nuclei) {
  nuclei.Check();
  const size_t count = nuclei.count();
  Surroundings out;
  for (auto& each : out.nearest) each.assign(count, kNone);
  for (auto& radius : out.within)
    for (auto& each : radius) each.assign(count, -1);
  out.degree.assign(count, -1);
  out.aggregate.assign(count, -1);
  for (auto* each : {&out.mean_edge, &out.same_type, &out.alignment, &out.tissue_edge, &out.tumour_edge})
    each->assign(count, kNone);
  out.cross_weight.assign(count, 0);
  Finder finder(ground);
  for (size_t k = 0; k < count; ++k)
    if (nuclei.used[k]) finder.Find(nuclei, k, out);
  return out;
}

}  // namespace hoverslide
