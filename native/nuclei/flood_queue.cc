#include "nuclei/flood_queue.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace hoverslide {
namespace {

constexpr size_t kAhead = 8;  // pixels between fetching and use

}  // namespace

void BucketQueue::Clear() {
  size_ = current_ = next_sorted_ = 0;
  age_ = 0;
  chunks_.clear();
  free_ = kNone;
  head_.fill(kNone);
  filled_.fill(0);
  sorted_.clear();
  heap_.clear();
  same_level_.clear();
  next_same_level_ = 0;
  level_ = -1;
}

void BucketQueue::Push(FloodItem item) {
  const auto level = static_cast<uint64_t>(item.level);
  const size_t bucket = level >> kLevelBits;
  const uint64_t pixel = level << 2 * kPixelBits | age_++ << kPixelBits | static_cast<uint64_t>(item.pixel);
  ++size_;
  if (item.level == level_) {
    same_level_.push_back(pixel);
    return;
  }
  if (bucket == current_) {
    heap_.push_back(pixel);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
    return;
  }
  int32_t& head = head_[bucket];
  if (head == kNone || chunks_[head].count == static_cast<int32_t>(chunks_[head].pixels.size())) {
    const int32_t next = head;
    if (free_ != kNone) {
      head = free_;
      free_ = chunks_[head].next;
    } else {
      head = static_cast<int32_t>(chunks_.size());
      chunks_.emplace_back();
    }
    chunks_[head].count = 0;
    chunks_[head].next = next;
    filled_[bucket / 64] |= uint64_t{1} << bucket % 64;
  }
  Chunk& chunk = chunks_[head];
  chunk.pixels[chunk.count++] = pixel;
}

FloodItem BucketQueue::Pop() {
  const bool any_same_level = next_same_level_ < same_level_.size();
  if (next_sorted_ == sorted_.size() && heap_.empty() && !any_same_level) OpenNextBucket();
  --size_;
  constexpr uint64_t kLast = ~uint64_t{0};
  const uint64_t sorted = next_sorted_ < sorted_.size() ? sorted_[next_sorted_] : kLast;
  const uint64_t added = heap_.empty() ? kLast : heap_.front();
  const uint64_t same_level = any_same_level ? same_level_[next_same_level_] : kLast;
  uint64_t pixel;
  if (sorted <= std::min(added, same_level)) {
    upcoming_ = ItemOf(sorted_[std::min(next_sorted_ + kAhead, sorted_.size() - 1)]).pixel;
    pixel = sorted_[next_sorted_++];
  } else if (same_level < added) {
    upcoming_ = ItemOf(same_level_[std::min(next_same_level_ + kAhead, same_level_.size() - 1)]).pixel;
    pixel = same_level;
    if (++next_same_level_ == same_level_.size()) {
      same_level_.clear();
      next_same_level_ = 0;
    }
  } else {
    pixel = added;
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
  }
  const FloodItem item = ItemOf(pixel);
  level_ = item.level;
  return item;
}

FloodItem BucketQueue::ItemOf(uint64_t pixel) const {
  return {static_cast<int32_t>(current_ << kLevelBits | pixel >> 2 * kPixelBits),
          static_cast<int32_t>(pixel & ((1 << kPixelBits) - 1))};
}

void BucketQueue::OpenNextBucket() {
  size_t word = current_ / 64;
  while (filled_[word] == 0) ++word;
  current_ = word * 64 + std::countr_zero(filled_[word]);
  filled_[word] &= filled_[word] - 1;
  sorted_.clear();
  next_sorted_ = 0;
  for (int32_t k = head_[current_]; k != kNone;) {
    Chunk& chunk = chunks_[k];
    sorted_.insert(sorted_.end(), chunk.pixels.begin(), chunk.pixels.begin() + chunk.count);
    const int32_t next = chunk.next;
    chunk.next = free_;
    free_ = k;
    k = next;
  }
  head_[current_] = kNone;
  if (sorted_.size() > 1) std::sort(sorted_.begin(), sorted_.end());
}

// Moves up while strictly smaller than the parent.
void ReferenceHeap::Push(FloodItem item, uint32_t age) {
  const Entry entry{static_cast<uint64_t>(item.level) << 32 | age, item.pixel};
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

// Moves the last entry down from the top. A left child goes before an equal right one, and neither goes
// before an equal parent.
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
