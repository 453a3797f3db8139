#include "nuclei/seamless.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "nuclei/clones.h"
#include "nuclei/measure.h"
#include "nuclei/relief.h"

namespace hoverslide {
namespace {

constexpr double kPackedUnit = 100;               // packed h and v per unit of their own
constexpr int32_t kInset = kBlobMargin - kFrame;  // from the window to the grid
static_assert((kMaxBlobSide + 2 * kFrame) * (kMaxBlobSide + 2 * kFrame) <= 1 << BucketQueue::kPixelBits);

uint64_t Inside(const MapPixel& pixel) { return WordOf(pixel) >> 56; }

HOVERSLIDE_CLONES
bool AnyInside(const MapPixel* pixels, int32_t count) {
  uint64_t any = 0;
  for (int32_t i = 0; i < count; ++i) any |= Inside(pixels[i]);
  return any != 0;
}

HOVERSLIDE_CLONES
void StartLabels(const MapPixel* pixels, int32_t count, int32_t* __restrict labels) {
  for (int32_t i = 0; i < count; ++i) labels[i] = Inside(pixels[i]) != 0 ? kDry : kOutside;
}

inline int32_t Ridge(double gradient, const ClippedScale& to) {
  const double scaled = gradient * to.scale + to.shift;
  const double low = scaled > 0 ? scaled : 0;
  return RidgeOf(static_cast<float>(low < 1 ? low : 1));
}

HOVERSLIDE_CLONES
void RidgeRow(const double* h, const double* v, const int32_t* labels, int32_t count, ClippedScale h_scale,
              ClippedScale v_scale, int32_t* __restrict depth, uint8_t* __restrict marker) {
  for (int32_t x = 0; x < count; ++x) {
    const int32_t ridge = std::max(Ridge(h[x], h_scale), Ridge(v[x], v_scale));
    depth[x] = labels[x] == kDry ? kOne - ridge : 0;
    marker[x] = labels[x] == kDry && ridge < kMarkerRidge;
  }
}

}  // namespace

ClippedScale::ClippedScale(double min, double max)
    : scale(1 / (kPackedUnit * (max - min))), shift(-min / (max - min)) {
  if (!std::isfinite(max - min) || !(min < max) || !std::isfinite(scale)) {
    throw std::invalid_argument("a seamless constant's minimum must be finite and below its maximum");
  }
}

BlobSegmenter::BlobSegmenter(const SeamlessConstants& c)
    : h_scale_(c.h_min, c.h_max), v_scale_(c.v_min, c.v_max) {}

void BlobSegmenter::Segment(const BlobWindow& blob, NucleiBlock& out) {
  const int32_t width = blob.window.width() - 2 * kBlobMargin;
  const int32_t height = blob.window.height() - 2 * kBlobMargin;
  if (width < 1 || height < 1 || width > kMaxBlobSide || height > kMaxBlobSide) {
    throw std::invalid_argument("blob window is smaller than its margins or larger than a blob may be");
  }
  grid_ = Grid::Framing(width, height);
  x0_ = blob.window.x0 + kInset;
  y0_ = blob.window.y0 + kInset;
  FindBlob(blob);
  FindRidges(blob);
  const int32_t count = FindNuclei(blob);
  if (count > 0) AppendNuclei(blob, count, out);
}

// From here on `labels_` says what belongs to the blob.
void BlobSegmenter::FindBlob(const BlobWindow& blob) {
  const int32_t width = blob.window.width();
  const int32_t height = blob.window.height();
  const int32_t inner = width - 2 * kBlobMargin;
  labels_.assign(grid_.size(), kOutside);
  bool in_margin = false;
  for (int32_t y = 0; y < height; ++y) {
    const MapPixel* row = blob.pixels.data() + static_cast<size_t>(y) * width;
    if (y < kBlobMargin || y >= height - kBlobMargin) {
      in_margin |= AnyInside(row, width);
      continue;
    }
    in_margin |= AnyInside(row, kBlobMargin) || AnyInside(row + kBlobMargin + inner, kBlobMargin);
    StartLabels(row + kBlobMargin, inner, labels_.data() + grid_.At(kFrame, y - kInset));
  }
  if (in_margin) throw std::invalid_argument("a pixel of a blob lies within its window's margin");
}

// Steps 2 and 3: gradients are looked at only between the first and the last pixel of the blob in each row.
void BlobSegmenter::FindRidges(const BlobWindow& blob) {
  depth_.assign(grid_.size(), 0);
  marker_.assign(grid_.size(), 0);
  sobel_.Begin(blob.pixels, blob.window.width());
  for (int32_t y = kFrame; y < grid_.height - kFrame; ++y) {
    const int32_t* row = labels_.data() + grid_.At(0, y);
    int32_t begin = kFrame;
    int32_t end = grid_.width - kFrame;
    while (begin < end && row[begin] == kOutside) ++begin;
    while (begin < end && row[end - 1] == kOutside) --end;
    if (begin == end) continue;
    sobel_.Row(begin + kInset, y + kInset, end - begin);
    RidgeRow(sobel_.h_gradient(), sobel_.v_gradient(), row + begin, end - begin, h_scale_, v_scale_,
             depth_.data() + grid_.At(begin, y), marker_.data() + grid_.At(begin, y));
  }
}

// Steps 4 and 5; gives the number of markers.
int32_t BlobSegmenter::FindNuclei(const BlobWindow& blob) {
  const std::span<uint8_t> marker = std::span(marker_).first(grid_.size());
  markers_.FillHoles(marker, grid_);
  markers_.Open(marker, grid_, 0);
  for (size_t i = 0; i < grid_.size(); ++i) marker[i] &= labels_[i] == kDry;
  const std::span<const int32_t> first = markers_.Label(marker, grid_, labels_);
  if (first.empty()) return 0;
  level_.resize(std::max(level_.size(), grid_.size()));
  LevelsOf(depth_, grid_, level_);
  Flood(level_, grid_, queue_, labels_);
  DropForeign(blob, first);
  return static_cast<int32_t>(first.size());
}

// Nuclei whose marker starts outside the owner's box come from another window of a blob that was cut.
void BlobSegmenter::DropForeign(const BlobWindow& blob, std::span<const int32_t> first) {
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
  const ptrdiff_t stride = blob.window.width();
  sums_.Add(labels, grid_, count, blob.pixels.data() + kBlobMargin * stride + kBlobMargin, stride);
  outlines_.Trace(labels, grid_);
  OrderRings();
  for (size_t k = 0; k < sums_.nuclei().size(); ++k) {
    const NucleusSums& nucleus = sums_.nuclei()[k];
    const Outlines::Ring& shell = outlines_.rings()[ring_order_[ring_begin_[k]]];
    const int64_t hull = hull_.TwiceArea(outlines_.vertices(shell), nucleus.y0, nucleus.y1);
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

// Sorts rings by nucleus: those of nucleus k are ring_order_[ring_begin_[k]] and following, shell first.
void BlobSegmenter::OrderRings() {
  const std::span<const Outlines::Ring> rings = outlines_.rings();
  ring_begin_.assign(sums_.nuclei().size() + 2, 0);
  for (const Outlines::Ring& ring : rings) ++ring_begin_[sums_.IndexOf(ring.label) + 2];
  for (size_t k = 2; k < ring_begin_.size(); ++k) ring_begin_[k] += ring_begin_[k - 1];
  ring_order_.resize(rings.size());
  for (uint32_t r = 0; r < rings.size(); ++r)
    ring_order_[ring_begin_[sums_.IndexOf(rings[r].label) + 1]++] = r;
}

NucleiBlock SegmentBlobs(std::span<const uint8_t> buffer, const SeamlessConstants& constants) {
  BlobSegmenter segmenter(constants);
  NucleiBlock block;
  for (size_t offset = 0; offset < buffer.size();) segmenter.Segment(ReadBlob(buffer, offset), block);
  return block;
}

}  // namespace hoverslide
