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

// Pixels leave by level, those of one level in the order in which they came. Levels, 0..2^28, must never fall
// below that of the last one that left: so a bucket for each range of levels does, and only the one at hand
// is kept in order.
class BucketQueue {
 public:
  static constexpr int kPixelBits = 23;  // of pixels' indices, and so of their number

  void Clear();
  bool empty() const { return size_ == 0; }
  void Push(FloodItem item);
  FloodItem Pop();
  // A pixel that will leave soon, or the last one again: worth fetching from memory now.
  int32_t Soon() const { return soon_; }

 private:
  static constexpr int kLevelBits = 64 - 2 * kPixelBits;  // of a level within its bucket
  static constexpr size_t kBuckets = (1 << (28 - kLevelBits)) + 1;
  static constexpr int32_t kNone = -1;
  // Some pixels of a bucket, in a cache line. A pixel is its level within the bucket, its age and its index,
  // in this order from the top of one word, so that comparing words orders pixels.
  struct alignas(64) Chunk {
    std::array<uint64_t, 7> pixels;
    int32_t count;
    int32_t next;
  };
  void OpenNextBucket();
  FloodItem ItemOf(uint64_t pixel) const;

  size_t size_ = 0;
  uint64_t age_ = 0;
  size_t open_ = 0;                       // the bucket at hand
  std::vector<Chunk> chunks_;             // of all buckets behind it
  int32_t free_ = kNone;                  // chunks that have been emptied
  std::array<int32_t, kBuckets> head_{};  // last chunk of each bucket
  std::array<uint64_t, kBuckets / 64 + 1> filled_{};
  // Of the bucket at hand: what it held when it was opened, a heap of what came since, and beside it what
  // came on the level of the last one that left, which is in order by itself.
  std::vector<uint64_t> sorted_, late_, even_;
  size_t next_ = 0;       // in sorted_
  size_t next_even_ = 0;  // in even_
  int32_t level_ = -1;    // of the last one that left
  int32_t soon_ = 0;
};

// Pixels leave in the order of scikit-image's binary heap on level, then age; that decides between equal ones
// too.
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
