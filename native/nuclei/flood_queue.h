#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hoverslide {

// A pixel in the queue of a flooding.
struct FloodItem {
  int32_t level;
  int32_t pixel;
};

// A queue that pixels leave by level, those of one level in the order in which they came. No level, 0..2^28,
// may be below that of the last pixel that left. So there is a bucket for each range of levels, and only the
// current bucket is kept in order.
class BucketQueue {
 public:
  static constexpr int kPixelBits = 23;  // of a pixel's index: at most 2^23 pixels

  void Clear();
  bool empty() const { return size_ == 0; }
  void Push(FloodItem item);
  FloodItem Pop();
  // Returns a pixel that will leave soon, or the last one again: worth fetching from memory now.
  int32_t Upcoming() const { return upcoming_; }

 private:
  static constexpr int kLevelBits = 64 - 2 * kPixelBits;  // of a level within its bucket
  static constexpr size_t kBuckets = (1 << (28 - kLevelBits)) + 1;
  static constexpr int32_t kNone = -1;
  // Some pixels of a bucket, in a cache line. A pixel is one word: from the highest bit down its level within
  // the bucket, its age and its index, so that comparing words orders pixels.
  struct alignas(64) Chunk {
    std::array<uint64_t, 7> pixels;
    int32_t count;
    int32_t next;
  };
  void OpenNextBucket();
  FloodItem ItemOf(uint64_t pixel) const;

  size_t size_ = 0;
  uint64_t age_ = 0;
  size_t current_ = 0;                    // the current bucket
  std::vector<Chunk> chunks_;             // of all later buckets
  int32_t free_ = kNone;                  // first of the chunks that have been emptied
  std::array<int32_t, kBuckets> head_{};  // last chunk of each bucket
  std::array<uint64_t, kBuckets / 64 + 1> filled_{};
  // Of the current bucket: the pixels that it had when it became current, sorted; a heap of those that came
  // since; and apart from these, those that came on the level of the last pixel that left, which are in order
  // by themselves.
  std::vector<uint64_t> sorted_, heap_, same_level_;
  size_t next_sorted_ = 0;
  size_t next_same_level_ = 0;
  int32_t level_ = -1;  // of the last pixel that left
  int32_t upcoming_ = 0;
};

// A queue that pixels leave by level, then age, and equal ones in the order of scikit-image's binary heap.
class ReferenceHeap {
 public:
  bool empty() const { return heap_.empty(); }
  void Push(FloodItem item, uint32_t age);
  FloodItem Pop();

 private:
  struct Entry {
    uint64_t key;  // level << 32 | age
    int32_t pixel;
  };
  std::vector<Entry> heap_;
};

}  // namespace hoverslide
