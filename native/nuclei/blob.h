#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "nuclei/map_pixel.h"

namespace hoverslide {

struct Box {
  int32_t x0, y0, x1, y1;  // [x0, x1) by [y0, y1)

  int32_t width() const { return x1 - x0; }
  int32_t height() const { return y1 - y0; }
  bool contains(int32_t x, int32_t y) const { return x0 <= x && x < x1 && y0 <= y && y < y1; }
  bool operator==(const Box&) const = default;
};

// One connected blob with everything within kBlobMargin px of its box: all that `seamless` post-processing
// may see. Coordinates in model space.
struct BlobWindow {
  Box window;  // the blob's box grown by kBlobMargin on each side
  Box owner;   // nuclei whose marker's first pixel lies outside belong to another window; the
               // window itself but where a blob of more than kMaxBlobSide was cut
  std::span<const MapPixel> pixels;  // [window.height(), window.width()]
};

// Blobs on their way from the stitcher to the kernel, which run in different threads: one flat buffer, per
// blob a header of two boxes (8 int32) and the window's pixels.
inline constexpr size_t kBlobHeaderBytes = 2 * sizeof(Box);

// Reads the blob at `offset` and moves `offset` behind it; throws std::invalid_argument where the buffer ends
// early or sizes make no sense. `buffer` must be aligned to 4 bytes.
inline BlobWindow ReadBlob(std::span<const uint8_t> buffer, size_t& offset) {
  if (buffer.size() - offset < kBlobHeaderBytes)
    throw std::invalid_argument("blob buffer ends within a header");
  BlobWindow blob;
  std::memcpy(&blob.window, buffer.data() + offset, sizeof(Box));
  std::memcpy(&blob.owner, buffer.data() + offset + sizeof(Box), sizeof(Box));
  offset += kBlobHeaderBytes;
  const int64_t width = int64_t{blob.window.x1} - blob.window.x0;
  const int64_t height = int64_t{blob.window.y1} - blob.window.y0;
  constexpr int64_t kLargest = kMaxBlobSide + 2 * kBlobMargin;
  if (width < 1 || height < 1 || width > kLargest || height > kLargest) {
    throw std::invalid_argument("blob window is empty or larger than a blob may be");
  }
  const size_t count = static_cast<size_t>(width * height);
  if (buffer.size() - offset < count * sizeof(MapPixel))
    throw std::invalid_argument("blob buffer ends within pixels");
  blob.pixels = {reinterpret_cast<const MapPixel*>(buffer.data() + offset), count};
  offset += count * sizeof(MapPixel);
  return blob;
}

// Appends a header; the caller fills the window's pixels, which start out as background: the returned span is
// valid until the next append.
inline std::span<MapPixel> AppendBlob(std::vector<uint8_t>& buffer, const Box& window, const Box& owner) {
  const size_t offset = buffer.size();
  const size_t count = static_cast<size_t>(window.width()) * window.height();
  buffer.resize(offset + kBlobHeaderBytes + count * sizeof(MapPixel));
  std::memcpy(buffer.data() + offset, &window, sizeof(Box));
  std::memcpy(buffer.data() + offset + sizeof(Box), &owner, sizeof(Box));
  auto* pixels = reinterpret_cast<MapPixel*>(buffer.data() + offset + kBlobHeaderBytes);
  std::uninitialized_fill_n(pixels, count, MapPixel{});
  return {pixels, count};
}

}  // namespace hoverslide
