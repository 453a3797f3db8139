#include "context/aggregates.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace hoverslide {
namespace {

constexpr double kSquared = Aggregates::kRadius * Aggregates::kRadius;

std::vector<uint32_t> Cores(const NucleiIndex& index) {
  std::vector<uint32_t> cores;
  for (const IndexedNucleus& nucleus : index.nuclei()) {
    if (nucleus.role != kImmune) continue;
    size_t count = 0;
    index.EachRun(nucleus.x, nucleus.y, Aggregates::kRadius, [&](std::span<const IndexedNucleus> run) {
      for (const IndexedNucleus& other : run)
        count += (other.role == kImmune) & (SquaredDistance(other, nucleus.x, nucleus.y) <= kSquared);
    });
    if (count >= Aggregates::kCore) cores.push_back(static_cast<uint32_t>(index.PlaceOf(nucleus)));
  }
  return cores;
}

// Sets that are joined step by step; the least member stands for each.
class Sets {
 public:
  explicit Sets(size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0U); }
  uint32_t Find(uint32_t k) {
    while (parent_[k] != k) k = parent_[k] = parent_[parent_[k]];
    return k;
  }
  void Join(uint32_t a, uint32_t b) {
    a = Find(a);
    b = Find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<uint32_t> parent_;
};

// An immune nucleus near a core.
struct Border {
  uint32_t place;
  double squared;
  uint32_t core;  // place among the cores

  friend bool operator<(const Border& a, const Border& b) {
    return std::tie(a.place, a.squared, a.core) < std::tie(b.place, b.squared, b.core);
  }
};

}  // namespace

Aggregates::Aggregates(const NucleiIndex& index) {
  const std::vector<uint32_t> cores = Cores(index);
  Sets sets(cores.size());
  std::vector<Border> border;
  for (uint32_t k = 0; k < cores.size(); ++k) {
    const IndexedNucleus& core = index.nuclei()[cores[k]];
    index.EachRun(core.x, core.y, kRadius, [&](std::span<const IndexedNucleus> run) {
      if (run.empty()) return;
      const auto first = static_cast<uint32_t>(index.PlaceOf(run.front()));
      auto next = std::lower_bound(cores.begin(), cores.end(), first);
      for (uint32_t n = 0; n < run.size(); ++n) {
        const bool is_core = next != cores.end() && *next == first + n;
        const auto other = static_cast<uint32_t>(next - cores.begin());
        next += is_core;
        if (run[n].role != kImmune) continue;
        const double squared = SquaredDistance(run[n], core.x, core.y);
        if (squared > kSquared) continue;
        if (is_core) {
          sets.Join(k, other);
        } else {
          border.push_back({first + n, squared, k});
        }
      }
    });
  }
  std::sort(border.begin(), border.end());
  for (uint32_t k = 0; k < cores.size(); ++k) members_.emplace_back(cores[k], sets.Find(k));
  for (size_t k = 0; k < border.size(); ++k) {
    if (k == 0 || border[k].place != border[k - 1].place)
      members_.emplace_back(border[k].place, sets.Find(border[k].core));
  }
  std::sort(members_.begin(), members_.end());

  // By the number of the set's first core.
  std::vector<Aggregate> groups(cores.size());
  std::vector<std::pair<int32_t, int32_t>> cell(cores.size(), {-1, -1});
  for (const auto& [place, set] : members_) {
    const IndexedNucleus& nucleus = index.nuclei()[place];
    Aggregate& group = groups[set];
    const std::pair here{NucleiIndex::CellOf(nucleus.x), NucleiIndex::CellOf(nucleus.y)};
    group.cells += here != cell[set];  // members come cell by cell
    cell[set] = here;
    ++group.nuclei;
    group.x += nucleus.x;
    group.y += nucleus.y;
  }
  std::vector<int32_t> number(cores.size(), -1);
  std::vector<std::pair<uint32_t, int32_t>> kept;
  for (const auto& [place, set] : members_) {
    Aggregate& group = groups[set];
    if (group.nuclei < kLeastNuclei || group.cells * NucleiIndex::kCell * NucleiIndex::kCell < kLeastArea)
      continue;
    if (number[set] < 0) {
      number[set] = static_cast<int32_t>(list_.size());
      list_.push_back({group.nuclei, group.cells, group.x / group.nuclei, group.y / group.nuclei});
    }
    kept.emplace_back(place, number[set]);
  }
  members_ = std::move(kept);
}

int32_t Aggregates::Of(size_t place) const {
  const auto found =
      std::lower_bound(members_.begin(), members_.end(), std::pair{static_cast<uint32_t>(place), INT32_MIN});
  return found != members_.end() && found->first == place ? found->second : -1;
}

}  // namespace hoverslide
