#pragma once

#include <cstdint>
#include <cstring>
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

// Pixels [begin, end) of row `y`, from the upper left corner of a window on.
struct Run {
  uint16_t y, begin, end;

  int32_t length() const { return end - begin; }
};

// Pixels of all of them.
inline size_t LengthOf(std::span<const Run> runs) {
  size_t length = 0;
  for (const Run& run : runs) length += run.length();
  return length;
}

// One connected blob with what lies within kBlobMargin px of its pixels: all that `seamless` post-processing
// may see. The window's corners are in model space. Runs come in raster order; no two of them touch in a row.
struct BlobWindow {
  Box window;                 // the blob's box grown by kBlobMargin on each side
  Box owner;                  // nuclei whose marker's first pixel lies outside belong to another window; the
                              // window itself but where a blob of more than kMaxBlobSide was cut
  std::span<const Run> runs;  // the blob's own pixels
  std::span<const MapPixel> pixels;  // of `runs`, one behind the other
  std::span<const Run> reach;        // all that lies as near as the margin, both ways, to one of them
  std::span<const uint8_t> h, v;     // of `reach`, one behind the other
};

// Blobs on their way from the stitcher to the kernel, which run in different threads: one flat buffer, per
// blob this header, then pixels, runs, reach, h and v, filled up to a multiple of 4 bytes.
struct BlobHeader {
  Box window, owner;
  uint32_t runs, pixels, reach, reached;  // how many; `reached` pixels in `reach`

  size_t PixelsAt() const { return sizeof(BlobHeader); }
  size_t RunsAt() const { return PixelsAt() + size_t{pixels} * sizeof(MapPixel); }
  size_t ReachAt() const { return RunsAt() + size_t{runs} * sizeof(Run); }
  size_t HAt() const { return ReachAt() + size_t{reach} * sizeof(Run); }
  size_t VAt() const { return HAt() + reached; }
  size_t size() const { return (VAt() + reached + 3) / 4 * 4; }
};
static_assert(sizeof(BlobHeader) == 48 && sizeof(Run) == 6);

// Reads the blob at `offset` and moves `offset` behind it; throws std::invalid_argument where the buffer ends
// early. Whether runs make sense is not looked at. `buffer` must be aligned to 4 bytes.
BlobWindow ReadBlob(std::span<const uint8_t> buffer, size_t& offset);

// What a writer fills of a blob that it appends.
struct BlobSpace {
  std::span<Run> runs;
  std::span<MapPixel> pixels;
  std::span<Run> reach;
  std::span<uint8_t> h, v;
};

// Appends a blob of as many runs and pixels as the header says; valid until the next append.
BlobSpace AppendBlob(std::vector<uint8_t>& buffer, const BlobHeader& header);

}  // namespace hoverslide
