#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace hoverslide {

// A mask with a bit for each pixel of a plane, in the order of their indices. Whatever is done to all pixels
// and their neighbours is done to 64 at a time: the neighbours at one offset are the plane shifted by it.
class BitPlane {
 public:
  // All bits 0.
  void Clear(size_t size) {
    size_ = size;
    words_.assign(count() + 2 * kPad, 0);
  }
  size_t size() const { return size_; }
  // Words that hold pixels; word k holds pixels 64 k to 64 k + 63, bits beyond the last pixel are 0.
  size_t count() const { return (size_ + 63) / 64; }
  uint64_t& word(size_t k) { return words_[k + kPad]; }
  uint64_t word(size_t k) const { return words_[k + kPad]; }
  bool operator[](size_t i) const { return word(i / 64) >> i % 64 & 1; }

  // The 64 bits from pixel `i` on; 0 for those up to 64 before the first and 64 behind the last one.
  uint64_t From(ptrdiff_t i) const {
    const uint64_t* at = words_.data() + static_cast<ptrdiff_t>(kPad) + (i >> 6);
    return at[0] >> (i & 63) | at[1] << 1 << (63 - (i & 63));
  }

  // Sets pixels [begin, end) to 1 or 0.
  void Fill(size_t begin, size_t end, bool value = true) {
    for (size_t i = begin; i < end;) {
      const size_t stop = std::min((i / 64 + 1) * 64, end);
      const uint64_t bits = ~uint64_t{0} >> (64 - (stop - i)) << i % 64;
      if (value) {
        word(i / 64) |= bits;
      } else {
        word(i / 64) &= ~bits;
      }
      i = stop;
    }
  }

  // Sets pixels [begin, begin + count), 0 so far, from bytes of 0 or 1; reads up to a multiple of 8 of them.
  void SetBytes(size_t begin, const uint8_t* bytes, size_t count) {
    for (size_t k = 0; k < count; k += 8) {
      uint64_t eight;
      std::memcpy(&eight, bytes + k, sizeof(eight));
      if (count - k < 8) eight &= (uint64_t{1} << 8 * (count - k)) - 1;
      const uint64_t bits = eight * 0x0102040810204080 >> 56;  // byte j becomes bit j
      const size_t i = begin + k;
      word(i / 64) |= bits << i % 64;
      words_[i / 64 + kPad + 1] |= bits >> 1 >> (63 - i % 64);
    }
  }

  // The first pixel in [from, end) that is `value`; `end` if none is.
  size_t Next(bool value, size_t from, size_t end) const {
    if (from >= end) return end;
    const uint64_t flip = value ? 0 : ~uint64_t{0};
    size_t k = from / 64;
    uint64_t bits = (word(k) ^ flip) >> from % 64 << from % 64;
    while (bits == 0) {
      if (++k * 64 >= end) return end;
      bits = word(k) ^ flip;
    }
    return std::min(k * 64 + std::countr_zero(bits), end);
  }

 private:
  static constexpr size_t kPad = 2;

  size_t size_ = 0;
  std::vector<uint64_t> words_ = std::vector<uint64_t>(2 * kPad);
};

}  // namespace hoverslide
