#include "context/buds.h"

#include <algorithm>
#include <array>

namespace hoverslide {
namespace {

constexpr size_t kMost = 4;
constexpr double kLink = 30;  // um

// Gathers the tumour nuclei of the group of the first one, but at most kMost + 1.
class Group {
 public:
  Group(const NucleiIndex& index, const IndexedNucleus& first) : members_{&first} {
    for (size_t next = 0; next < size_ && size_ <= kMost; ++next) Grow(index, *members_[next]);
    const auto end = members_.begin() + static_cast<std::ptrdiff_t>(size_);
    std::iter_swap(members_.begin(), std::min_element(members_.begin(), end));
  }

  bool small() const { return size_ <= kMost; }
  const IndexedNucleus* first() const { return members_[0]; }
  // The place of a bud is that of its first nucleus: a mean would depend on the order of summation.
  Bud bud() const { return {static_cast<uint32_t>(size_), members_[0]->x, members_[0]->y}; }

 private:
  void Grow(const NucleiIndex& index, const IndexedNucleus& from) {
    index.EachRun(from.x, from.y, kLink, [&](std::span<const IndexedNucleus> run) {
      for (const IndexedNucleus& other : run) {
        if (other.role != kTumour || SquaredDistance(other, from.x, from.y) > kLink * kLink) continue;
        if (size_ > kMost) return;
        const auto end = members_.begin() + static_cast<std::ptrdiff_t>(size_);
        if (std::find(members_.begin(), end, &other) == end) members_[size_++] = &other;
      }
    });
  }

  std::array<const IndexedNucleus*, kMost + 1> members_;
  size_t size_ = 1;
};

}  // namespace

std::vector<Bud> FindBuds(const NucleiIndex& index) {
  std::vector<Bud> buds;
  for (const IndexedNucleus& nucleus : index.nuclei()) {
    if (nucleus.role != kTumour) continue;
    const Group group(index, nucleus);
    if (group.small() && group.first() == &nucleus) buds.push_back(group.bud());
  }
  return buds;
}

}  // namespace hoverslide
