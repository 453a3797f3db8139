#include "nuclei/flood_queue.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace hoverslide {
namespace {

constexpr size_t kAhead = 8;  // pixels between fetching and use

uint64_t Key(int32_t level, uint32_t age) { return static_cast<uint64_t>(level) << 32 | age; }

}  // namespace

void BucketQueue::Clear() {
  size_ = open_ = next_ = 0;
  entries_.clear();
  head_.fill(kNone);
  filled_.fill(0);
  sorted_.clear();
  late_.clear();
}

void BucketQueue::Push(FloodItem item) {
  const auto age = static_cast<uint32_t>(entries_.size());
  const size_t bucket = static_cast<size_t>(item.level) >> kShift;
  ++size_;
  if (bucket == open_) {
    entries_.push_back({item, kNone});
    late_.push_back(Key(item.level, age));
    std::push_heap(late_.begin(), late_.end(), std::greater<>());
    return;
  }
  entries_.push_back({item, head_[bucket]});
  head_[bucket] = static_cast<int32_t>(age);
  filled_[bucket / 64] |= uint64_t{1} << bucket % 64;
}

FloodItem BucketQueue::Pop() {
  if (next_ == sorted_.size() && late_.empty()) OpenNextBucket();
  --size_;
  if (late_.empty() || (next_ < sorted_.size() && sorted_[next_] < late_.front())) {
    soon_ = entries_[static_cast<uint32_t>(sorted_[std::min(next_ + kAhead, sorted_.size() - 1)])].item.pixel;
    return entries_[static_cast<uint32_t>(sorted_[next_++])].item;
  }
  const auto age = static_cast<uint32_t>(late_.front());
  std::pop_heap(late_.begin(), late_.end(), std::greater<>());
  late_.pop_back();
  return entries_[age].item;
}

void BucketQueue::OpenNextBucket() {
  size_t word = open_ / 64;
  while (filled_[word] == 0) ++word;
  open_ = word * 64 + std::countr_zero(filled_[word]);
  filled_[word] &= filled_[word] - 1;
  sorted_.clear();
  next_ = 0;
  for (int32_t k = head_[open_]; k != kNone; k = entries_[k].next) {
    sorted_.push_back(Key(entries_[k].item.level, static_cast<uint32_t>(k)));
  }
  std::sort(sorted_.begin(), sorted_.end());
}

// Up while strictly smaller than the parent.
void ReferenceHeap::Push(FloodItem item, uint32_t age) {
  const Entry entry{Key(item.level, age), item.pixel};
  size_t hole = heap_.size();
  heap_.push_back(entry);
  while (hole > 0) {
    const size_t parent = (hole - 1) / 2;
    if (heap_[parent].key <= entry.key) break;
    heap_[hole] = heap_[parent];
    hole = parent;
  }
  heap_[hole] = entry;
}

// The last one goes down from the top; a left child goes before an equal right one, neither before an equal
// parent.
FloodItem ReferenceHeap::Pop() {
  const Entry top = heap_.front();
  const Entry last = heap_.back();
  heap_.pop_back();
  const size_t count = heap_.size();
  size_t hole = 0;
  for (size_t child = 1; child < count; child = 2 * hole + 1) {
    if (child + 1 < count && heap_[child + 1].key < heap_[child].key) ++child;
    if (last.key <= heap_[child].key) break;
    heap_[hole] = heap_[child];
    hole = child;
  }
  if (count > 0) heap_[hole] = last;
  return {static_cast<int32_t>(top.key >> 32), top.pixel};
}

}  // namespace hoverslide
