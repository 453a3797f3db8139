#pragma once

#include <cstdint>
#include <optional>
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

// Calibrated once per model and kept in its card.
struct SeamlessConstants {
  // Raw Sobel gradients that are normalised to 0 and 1, in units of h and v themselves.
  double h_min, h_max;                    // of d/dx of h
  double v_min, v_max;                    // of d/dy of v
  int32_t sobel = SobelKernel::kLargest;  // taps of the kernel each way
  double marker = 0.4;                    // pixels whose ridge is below it are marker

  bool operator==(const SeamlessConstants&) const = default;
};

// A linear map of packed gradients to 0..1, clipped.
struct ClippedScale {
  double scale, shift;

  // Throws std::invalid_argument unless `min` (of unpacked maps) is below `max` and both are finite.
  ClippedScale(double min, double max);
};

// HoVer-Net's post-processing (steps in reference.h) as a pure function of one connected blob and the packed
// maps in its neighbourhood: it finds the same nuclei whatever else is on the slide. Constants replace the
// two passes of step 2. Masks see other blobs as background. Markers are clipped to the blob before they are
// labelled, and enter the queue in raster order. Keeps its buffers between blobs; not thread-safe.
class BlobSegmenter {
 public:
  // Throws std::invalid_argument unless each minimum is finite and below its maximum, `sobel` is odd and 3 to
  // 21, and `marker` lies between 0 and 1.
  explicit BlobSegmenter(const SeamlessConstants& constants, const StainTable& stain = {});

  // Appends the blob's nuclei in raster order of their first pixels. Throws std::invalid_argument if the
  // window is smaller than its margins or larger than a blob may be, if a pixel of the blob lies within the
  // margins, or if the runs are not as BlobWindow says.
  void Segment(const BlobWindow& blob, NucleiBlock& out);

  // Returns how many pixels of a box its scratch buffers have room for, about 20 bytes each.
  size_t capacity() const { return labels_.capacity(); }

 private:
  void FindBlob(const BlobWindow& blob);
  void FindRidges(const BlobWindow& blob);
  void FindRidgesOf(std::span<const Run> runs);
  int32_t FindNuclei(const BlobWindow& blob);
  bool IsConnected();
  void FloodFromMarkers();
  void DropUnowned(const BlobWindow& blob, std::span<const int32_t> first);
  void AppendNuclei(const BlobWindow& blob, int32_t count, NucleiBlock& out);
  void OrderRings();

  ClippedScale h_scale_, v_scale_;
  int32_t marker_depth_;                // pixels deeper than this are marker
  Grid grid_{};                         // the blob's box, framed
  int32_t x0_, y0_;                     // where it lies in model space
  std::vector<GridRun> runs_;           // the blob's pixels
  BitPlane inside_, marker_;            // the blob's pixels, and those of them below ridges
  BitPlane unlabelled_, frontier_;      // the blob's pixels without marker; markers' pixels next to them
  std::vector<int32_t> depth_, level_;  // 1 - ridge, in 2^-24, and what it is flooded by
  std::vector<int32_t> labels_;
  std::vector<int32_t> row_depth_;  // of a piece of a row, and whether it lies below the ridges
  std::vector<uint8_t> row_below_;
  PackedSobel sobel_;
  Components components_;
  Markers markers_;
  BucketQueue queue_;
  StainTable stain_;
  NucleiSums sums_;
  Outlines outlines_;
  Hull hull_;
  std::vector<uint32_t> ring_order_, ring_begin_;
};

// Segments all blobs of a buffer (nuclei/blob.h), in order. Stain is measured by the slide's own vectors if
// they are given. Throws std::invalid_argument if the buffer, a blob, a constant or a vector is malformed.
// Each thread keeps its scratch buffers for the next call with the same constants and vectors, except those
// of very large blobs.
NucleiBlock SegmentBlobs(std::span<const uint8_t> buffer, const SeamlessConstants& constants,
                         const std::optional<StainVectors>& stain = {});

}  // namespace hoverslide
