#include "nuclei/seamless.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "nuclei/clones.h"
#include "nuclei/measure.h"
#include "nuclei/relief.h"

namespace hoverslide {
namespace {

constexpr int32_t kInset = kBlobMargin - kFrame;  // from the window to the grid
static_assert((kMaxBlobSide + 2 * kFrame) * (kMaxBlobSide + 2 * kFrame) <= 1 << BucketQueue::kPixelBits);

constexpr size_t kKeptCapacity = 1 << 20;  // px of the largest blob that buffers are kept for

// Refuses runs that are out of raster order, touch each other or leave the window.
void CheckRuns(std::span<const Run> runs, int32_t width, int32_t height) {
  int32_t row = -1;
  int32_t end = 0;
  for (const Run& run : runs) {
    const bool follows = run.y > row || (run.y == row && run.begin > end);
    if (!follows || run.y >= height || run.begin >= run.end || run.end > width) {
      throw std::invalid_argument("a blob's runs are out of order or outside of its window");
    }
    row = run.y;
    end = run.end;
  }
}

void CheckBlob(const BlobWindow& blob) {
  const int64_t width = int64_t{blob.window.x1} - blob.window.x0;
  const int64_t height = int64_t{blob.window.y1} - blob.window.y0;
  if (std::min(width, height) <= 2 * kBlobMargin || std::max(width, height) > PackedSobel::kWidest) {
    throw std::invalid_argument("blob window is smaller than its margins or larger than a blob may be");
  }
  CheckRuns(blob.runs, static_cast<int32_t>(width), static_cast<int32_t>(height));
  CheckRuns(blob.neighbourhood, static_cast<int32_t>(width), static_cast<int32_t>(height));
  if (LengthOf(blob.runs) != blob.pixels.size() || LengthOf(blob.neighbourhood) != blob.h.size()) {
    throw std::invalid_argument("a blob's runs have other pixels than it holds");
  }
  for (const Run& run : blob.runs) {
    if (run.y < kBlobMargin || run.y >= height - kBlobMargin || run.begin < kBlobMargin ||
        run.end > width - kBlobMargin) {
      throw std::invalid_argument("a pixel of a blob lies within its window's margin");
    }
  }
  int32_t row = -1;
  for (const Run& run : blob.neighbourhood) {
    if (run.y > row + 1) break;
    row = run.y;
  }
  if (row != height - 1)
    throw std::invalid_argument("a row of a blob's window is missing in its neighbourhood");
}

inline double Clipped(double gradient, const ClippedScale& to) {
  const double scaled = gradient * to.scale + to.shift;
  const double low = scaled > 0 ? scaled : 0;
  return low < 1 ? low : 1;
}

// Computes depths below the higher of both gradients' ridges, which is that of the lower gradient.
HOVERSLIDE_CLONES
void DepthRow(const double* h, const double* v, int32_t groups, ClippedScale h_scale, ClippedScale v_scale,
              int32_t* __restrict depth) {
  for (int32_t x = 0; x < groups * PackedSobel::kGroup; ++x) {
    const double along_x = Clipped(h[x], h_scale);
    const double along_y = Clipped(v[x], v_scale);
    depth[x] = kOne - RidgeOf(static_cast<float>(along_x < along_y ? along_x : along_y));
  }
}

// Sets a byte to 1 where ridges are low enough for a marker.
HOVERSLIDE_CLONES
void BelowRidges(const int32_t* depth, int32_t groups, int32_t marker_depth, uint8_t* __restrict below) {
  for (int32_t x = 0; x < groups * PackedSobel::kGroup; ++x) below[x] = depth[x] > marker_depth;
}

// The depth of the smallest ridge that is at least `marker`.
int32_t MarkerDepth(double marker) {
  if (!(marker > 0 && marker < 1)) {
    throw std::invalid_argument("a seamless constant's marker threshold must lie between 0 and 1");
  }
  return kOne - static_cast<int32_t>(std::ceil(marker * kOne));
}

}  // namespace

ClippedScale::ClippedScale(double min, double max)
    : scale(1 / (kPackedUnit * (max - min))), shift(-min / (max - min)) {
  if (!std::isfinite(max - min) || !(min < max) || !std::isfinite(scale)) {
    throw std::invalid_argument("a seamless constant's minimum must be finite and below its maximum");
  }
}

BlobSegmenter::BlobSegmenter(const SeamlessConstants& c, const StainTable& stain)
    : h_scale_(c.h_min, c.h_max),
      v_scale_(c.v_min, c.v_max),
      marker_depth_(MarkerDepth(c.marker)),
      row_depth_(PackedSobel::kWidest + PackedSobel::kGroup),
      row_below_(row_depth_.size()),
      sobel_(MakeCheckedSobelKernel(c.sobel)),
      stain_(stain) {}

void BlobSegmenter::Segment(const BlobWindow& blob, NucleiBlock& out) {
  CheckBlob(blob);
  FindBlob(blob);
  FindRidges(blob);
  const int32_t count = FindNuclei(blob);
  if (count > 0) AppendNuclei(blob, count, out);
}

void BlobSegmenter::FindBlob(const BlobWindow& blob) {
  // Rows end with a frame up to 7 px wider, so that loops along them need no remainder.
  const int32_t width = blob.window.width() - 2 * kBlobMargin;
  grid_ = Grid::Framing((width + 7) / 8 * 8, blob.window.height() - 2 * kBlobMargin);
  x0_ = blob.window.x0 + kInset;
  y0_ = blob.window.y0 + kInset;
  runs_.clear();
  inside_.Clear(grid_.size());
  for (const Run& run : blob.runs) {
    const auto begin = static_cast<int32_t>(grid_.At(run.begin - kInset, run.y - kInset));
    runs_.push_back({begin, begin + run.length()});
    inside_.Fill(begin, begin + run.length());
  }
}

// Steps 2 and 3, row by row. Runs with a gap narrower than the kernel are computed together.
void BlobSegmenter::FindRidges(const BlobWindow& blob) {
  depth_.assign(grid_.size(), 0);
  marker_.Clear(grid_.size());
  sobel_.Begin(blob);
  for (size_t k = 0; k < blob.runs.size();) {
    size_t end = k + 1;
    while (end < blob.runs.size() && blob.runs[end].y == blob.runs[k].y &&
           blob.runs[end].begin - blob.runs[end - 1].end < 2 * kBlobMargin) {
      ++end;
    }
    FindRidgesOf(blob.runs.subspan(k, end - k));
    k = end;
  }
}

void BlobSegmenter::FindRidgesOf(std::span<const Run> runs) {
  const int32_t x = runs.front().begin;
  const int32_t count = runs.back().end - x;
  sobel_.Row(x, runs.front().y, count);
  const int32_t groups = PackedSobel::Groups(count);
  DepthRow(sobel_.h_gradient(), sobel_.v_gradient(), groups, h_scale_, v_scale_, row_depth_.data());
  BelowRidges(row_depth_.data(), groups, marker_depth_, row_below_.data());
  for (const Run& run : runs) {
    const size_t begin = grid_.At(run.begin - kInset, run.y - kInset);
    std::copy_n(row_depth_.data() + run.begin - x, run.length(), depth_.data() + begin);
    marker_.SetBytes(begin, row_below_.data() + run.begin - x, run.length());
  }
}

// Steps 4 and 5. Returns the number of markers.
int32_t BlobSegmenter::FindNuclei(const BlobWindow& blob) {
  markers_.FillHoles(marker_, grid_);
  markers_.Open(marker_, grid_, false);
  for (size_t k = 0; k < marker_.count(); ++k) marker_.word(k) &= inside_.word(k);
  markers_.Number(marker_, grid_);
  const std::span<const int32_t> first = markers_.first();
  if (first.empty()) return 0;
  labels_.assign(grid_.size(), kOutside);
  if (first.size() == 1 && IsConnected()) {  // whatever the order, all of it is flooded from there
    for (const GridRun& run : runs_) std::fill(labels_.begin() + run.begin, labels_.begin() + run.end, 1);
  } else {
    FloodFromMarkers();
  }
  DropUnowned(blob, first);
  return static_cast<int32_t>(first.size());
}

// Tells whether the blob is connected. It should be, but a buffer may hold anything, and nuclei must be
// connected. Most blobs have one run in each row, overlapping the one above: that is checked first.
bool BlobSegmenter::IsConnected() {
  size_t k = 1;
  while (k < runs_.size() && runs_[k].begin - grid_.width < runs_[k - 1].end &&
         runs_[k].end - grid_.width > runs_[k - 1].begin) {
    ++k;
  }
  if (k == runs_.size()) return true;
  components_.Find(inside_, grid_.width, grid_.height);
  return components_.count() == 1;
}

void BlobSegmenter::FloodFromMarkers() {
  for (const GridRun& run : runs_)
    std::fill(labels_.begin() + run.begin, labels_.begin() + run.end, kUnlabelled);
  unlabelled_ = inside_;
  for (const MarkerRun& run : markers_.runs()) {
    std::fill(labels_.begin() + run.begin, labels_.begin() + run.end, run.marker);
    unlabelled_.Fill(run.begin, run.end, false);
  }
  frontier_.Clear(grid_.size());
  const size_t frame = grid_.At(0, kFrame);
  for (size_t k = frame / 64; k <= (grid_.size() - frame - 1) / 64; ++k) {
    const auto i = static_cast<ptrdiff_t>(64 * k);
    const uint64_t near = unlabelled_.From(i - grid_.width) | unlabelled_.From(i - 1) |
                          unlabelled_.From(i + 1) | unlabelled_.From(i + grid_.width);
    frontier_.word(k) = inside_.word(k) & ~unlabelled_.word(k) & near;
  }
  level_.resize(std::max(level_.size(), grid_.size()));
  LevelsOf(depth_, grid_, runs_, level_);
  Flood(level_, grid_, frontier_, queue_, labels_);
}

// Drops nuclei whose marker starts outside the owner's box: another window of the giant blob has them.
void BlobSegmenter::DropUnowned(const BlobWindow& blob, std::span<const int32_t> first) {
  if (blob.owner == blob.window) return;
  const auto owned = [&](int32_t i) {
    return blob.owner.contains(x0_ + i % grid_.width, y0_ + i / grid_.width);
  };
  for (int32_t& label : std::span(labels_).first(grid_.size())) {
    if (label > 0 && !owned(first[label - 1])) label = kOutside;
  }
}

void BlobSegmenter::AppendNuclei(const BlobWindow& blob, int32_t count, NucleiBlock& out) {
  const std::span<const int32_t> labels = std::span(labels_).first(grid_.size());
  sums_.Add(labels, grid_, count, runs_, blob.pixels, stain_);
  outlines_.Trace(labels, grid_, runs_);
  OrderRings();
  for (size_t k = 0; k < sums_.nuclei().size(); ++k) {
    const NucleusSums& nucleus = sums_.nuclei()[k];
    const Outlines::Ring& shell = outlines_.rings()[ring_order_[ring_begin_[k]]];
    const int64_t hull = hull_.PixelCount(outlines_.vertices(shell), nucleus.y0, nucleus.y1);
    AppendMeasures(nucleus, sums_.votes(k), hull, grid_, x0_, y0_, out);
    for (uint32_t r = ring_begin_[k]; r < ring_begin_[k + 1]; ++r) {
      const std::span<const int32_t> vertices = outlines_.vertices(outlines_.rings()[ring_order_[r]]);
      for (size_t c = 0; c < vertices.size(); c += 2) {
        out.vertices.push_back(x0_ + vertices[c]);
        out.vertices.push_back(y0_ + vertices[c + 1]);
      }
      out.ring_start.push_back(static_cast<uint32_t>(out.vertices.size() / 2));
    }
    out.nucleus_ring.push_back(static_cast<uint32_t>(out.ring_start.size() - 1));
  }
}

// Sorts rings by nucleus: those of nucleus k begin at ring_order_[ring_begin_[k]], the shell first.
void BlobSegmenter::OrderRings() {
  const std::span<const Outlines::Ring> rings = outlines_.rings();
  ring_begin_.assign(sums_.nuclei().size() + 2, 0);
  for (const Outlines::Ring& ring : rings) ++ring_begin_[sums_.IndexOf(ring.label) + 2];
  for (size_t k = 2; k < ring_begin_.size(); ++k) ring_begin_[k] += ring_begin_[k - 1];
  ring_order_.resize(rings.size());
  for (uint32_t r = 0; r < rings.size(); ++r)
    ring_order_[ring_begin_[sums_.IndexOf(rings[r].label) + 1]++] = r;
}

NucleiBlock SegmentBlobs(std::span<const uint8_t> buffer, const SeamlessConstants& constants,
                         const std::optional<StainVectors>& stain) {
  struct Kept {
    SeamlessConstants constants;
    std::optional<StainVectors> stain;
    BlobSegmenter segmenter;
  };
  thread_local std::optional<Kept> kept;
  if (!kept || kept->constants != constants || kept->stain != stain) {
    const StainTable table = stain ? StainTable(*stain) : StainTable();
    kept.emplace(Kept{constants, stain, BlobSegmenter(constants, table)});
  }
  NucleiBlock block;
  for (size_t offset = 0; offset < buffer.size();) kept->segmenter.Segment(ReadBlob(buffer, offset), block);
  if (kept->segmenter.capacity() > kKeptCapacity) kept.reset();
  return block;
}

}  // namespace hoverslide
