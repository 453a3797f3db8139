#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <vector>

#include "geometry/box.h"
#include "nuclei/map_pixel.h"

namespace hoverslide {

// Pixels [begin, end) of row `y`, counted from the upper left corner of a window.
struct Run {
  uint16_t y, begin, end;

  int32_t length() const { return end - begin; }
};

// Counts the pixels of all runs.
inline size_t LengthOf(std::span<const Run> runs) {
  size_t length = 0;
  for (const Run& run : runs) length += run.length();
  return length;
}

// One connected blob and its neighbourhood, which is all that `seamless` post-processing may look at. Boxes
// are in model space, in px. Runs come in raster order; no two of them touch in a row.
struct BlobWindow {
  Box window;                          // the blob's box grown by kBlobMargin on each side
  Box owner;                           // nuclei whose marker's first pixel lies outside belong to another
                                       // window; equal to `window` unless a giant blob was cut
  std::span<const Run> runs;           // the blob's own pixels
  std::span<const MapPixel> pixels;    // of `runs`, one run after the other
  std::span<const Run> neighbourhood;  // pixels within kBlobMargin px, in x and in y, of one of the blob's
  std::span<const uint8_t> h, v;       // of `neighbourhood`, one run after the other
};

// The form in which blobs pass from the stitcher to the kernel, which run in different threads: one flat
// buffer, for each blob this header, then pixels, runs, neighbourhood, h and v, padded to a multiple of 4
// bytes. The four numbers are counts.
struct BlobHeader {
  Box window, owner;
  uint32_t runs, pixels, neighbourhood_runs, neighbourhood_pixels;

  size_t PixelsAt() const { return sizeof(BlobHeader); }
  size_t RunsAt() const { return PixelsAt() + size_t{pixels} * sizeof(MapPixel); }
  size_t NeighbourhoodAt() const { return RunsAt() + size_t{runs} * sizeof(Run); }
  size_t HAt() const { return NeighbourhoodAt() + size_t{neighbourhood_runs} * sizeof(Run); }
  size_t VAt() const { return HAt() + neighbourhood_pixels; }
  size_t size() const { return (VAt() + neighbourhood_pixels + 3) / 4 * 4; }
};
static_assert(sizeof(BlobHeader) == 48 && sizeof(Run) == 6);

// Reads the blob at `offset` and moves `offset` to the end of it. Does not check the runs. `buffer` must be
// aligned to 4 bytes. Throws std::invalid_argument if the buffer ends early.
BlobWindow ReadBlob(std::span<const uint8_t> buffer, size_t& offset);

// The parts of an appended blob that its writer has to fill.
struct BlobSpace {
  std::span<Run> runs;
  std::span<MapPixel> pixels;
  std::span<Run> neighbourhood;
  std::span<uint8_t> h, v;
};

// Appends room for a blob of as many runs and pixels as the header says. The result is valid until the next
// append.
BlobSpace AppendBlob(std::vector<uint8_t>& buffer, const BlobHeader& header);

}  // namespace hoverslide
