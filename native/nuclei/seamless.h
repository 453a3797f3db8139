#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nuclei/bit_plane.h"
#include "nuclei/blob.h"
#include "nuclei/flood.h"
#include "nuclei/grid.h"
#include "nuclei/hull.h"
#include "nuclei/markers.h"
#include "nuclei/nuclei_block.h"
#include "nuclei/outline.h"
#include "nuclei/sobel.h"
#include "nuclei/sums.h"

namespace hoverslide {

// Raw 21x21 Sobel gradients that normalise to 0 and 1, in units of h and v themselves: calibrated once per
// model, in its card.
struct SeamlessConstants {
  double h_min, h_max;  // of d/dx of h
  double v_min, v_max;  // of d/dy of v

  bool operator==(const SeamlessConstants&) const = default;
};

// A linear map of packed gradients to 0..1, clipped.
struct ClippedScale {
  double scale, shift;

  // Throws std::invalid_argument unless `min` (of unpacked maps) is below `max` and both are finite.
  ClippedScale(double min, double max);
};

// HoVer-Net's post-processing (steps in reference.h) as a pure function of one connected blob and the packed
// maps within kBlobMargin px of its box: the same nuclei whatever else is on the slide. Constants take the
// place of the two passes of step 2; other blobs are background to its masks; markers are clipped to the blob
// before they are labelled, and enter the queue in raster order. Keeps its buffers between blobs; not
// thread-safe.
class BlobSegmenter {
 public:
  // Throws std::invalid_argument unless each minimum is finite and below its maximum.
  explicit BlobSegmenter(const SeamlessConstants& constants);

  // Appends the blob's nuclei in the order of their first pixels. Throws std::invalid_argument if the window
  // is smaller than its margins or larger than a blob may be, a pixel of the blob lies within the margins, or
  // runs are not what BlobWindow says.
  void Segment(const BlobWindow& blob, NucleiBlock& out);

  // Pixels of the largest blob's box that it holds buffers for, some 20 bytes each.
  size_t capacity() const { return labels_.capacity(); }

 private:
  void FindBlob(const BlobWindow& blob);
  void FindRidges(const BlobWindow& blob);
  void FindRidgesOf(std::span<const Run> runs);
  int32_t FindNuclei(const BlobWindow& blob);
  bool IsConnected();
  void FloodFromMarkers();
  void DropForeign(const BlobWindow& blob, std::span<const int32_t> first);
  void AppendNuclei(const BlobWindow& blob, int32_t count, NucleiBlock& out);
  void OrderRings();

  ClippedScale h_scale_, v_scale_;
  Grid grid_{};                         // the blob's box, framed
  int32_t x0_, y0_;                     // where it lies in model space
  std::vector<GridRun> runs_;           // the blob's pixels
  BitPlane inside_, marker_;            // those, and the ones below ridges
  BitPlane dry_, shore_;                // those of no marker, and those of markers that touch them
  std::vector<int32_t> depth_, level_;  // 1 - ridge, in 2^-24, and what it is flooded by
  std::vector<int32_t> labels_;
  std::vector<int32_t> row_depth_;  // of a piece of a row, and whether it lies below the ridges
  std::vector<uint8_t> row_below_;
  PackedSobel sobel_;
  Components components_;
  Markers markers_;
  BucketQueue queue_;
  NucleiSums sums_;
  Outlines outlines_;
  Hull hull_;
  std::vector<uint32_t> ring_order_, ring_begin_;
};

// Segments all blobs of a buffer as nuclei/blob.h describes it, in order. Throws std::invalid_argument. A
// thread keeps its buffers for the next call with the same constants, but for those of huge blobs.
NucleiBlock SegmentBlobs(std::span<const uint8_t> buffer, const SeamlessConstants& constants);

}  // namespace hoverslide
