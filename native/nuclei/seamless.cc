#include "nuclei/seamless.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "nuclei/measure.h"
#include "nuclei/relief.h"

namespace hoverslide {
namespace {

constexpr double kPackedUnit = 100;               // packed h and v per unit of their own
constexpr int32_t kInset = kBlobMargin - kFrame;  // from the window to the grid

void CheckRange(double min, double max) {
  if (!std::isfinite(min) || !std::isfinite(max) || !(min < max) || !std::isfinite(max - min)) {
    throw std::invalid_argument("a seamless constant's minimum must be finite and below its maximum");
  }
}

float Normalised(double gradient, double scale, double shift) {
  return static_cast<float>(std::clamp(gradient * scale + shift, 0.0, 1.0));
}

}  // namespace

BlobSegmenter::BlobSegmenter(const SeamlessConstants& c)
    : h_scale_(1 / (kPackedUnit * (c.h_max - c.h_min))),
      h_shift_(-c.h_min / (c.h_max - c.h_min)),
      v_scale_(1 / (kPackedUnit * (c.v_max - c.v_min))),
      v_shift_(-c.v_min / (c.v_max - c.v_min)) {
  CheckRange(c.h_min, c.h_max);
  CheckRange(c.v_min, c.v_max);
}

void BlobSegmenter::Segment(const BlobWindow& blob, NucleiBlock& out) {
  const int32_t width = blob.window.width() - 2 * kBlobMargin;
  const int32_t height = blob.window.height() - 2 * kBlobMargin;
  if (width < 1 || height < 1) throw std::invalid_argument("blob window is smaller than its margins");
  grid_ = Grid::Framing(width, height);
  x0_ = blob.window.x0 + kInset;
  y0_ = blob.window.y0 + kInset;
  ReadMaps(blob);
  FindRidges(blob);
  const int32_t count = FindNuclei(blob);
  if (count > 0) AppendNuclei(blob, count, out);
}

// Splits the window into planes. From here on `labels_` says what belongs to the blob.
void BlobSegmenter::ReadMaps(const BlobWindow& blob) {
  const size_t count = blob.pixels.size();
  if (h_.size() < count) h_.resize(count), v_.resize(count);
  int64_t inside = 0;
  for (size_t i = 0; i < count; ++i) {
    const MapPixel& pixel = blob.pixels[i];
    h_[i] = pixel.h;
    v_[i] = pixel.v;
    inside += pixel.inside != 0;
  }
  labels_.assign(grid_.size(), kOutside);
  for (int32_t y = kFrame; y < grid_.height - kFrame; ++y) {
    const MapPixel* row = blob.pixels.data() + static_cast<size_t>(y + kInset) * blob.window.width() + kInset;
    for (int32_t x = kFrame; x < grid_.width - kFrame; ++x) {
      if (row[x].inside == 0) continue;
      labels_[grid_.At(x, y)] = kDry;
      --inside;
    }
  }
  if (inside != 0) throw std::invalid_argument("a pixel of a blob lies within its window's margin");
}

// Steps 2 and 3: gradients are looked at only between the first and the last pixel of the blob in each row.
void BlobSegmenter::FindRidges(const BlobWindow& blob) {
  depth_.assign(grid_.size(), 0);
  marker_.assign(grid_.size(), 0);
  for (int32_t y = kFrame; y < grid_.height - kFrame; ++y) {
    const int32_t* row = labels_.data() + grid_.At(0, y);
    int32_t begin = kFrame;
    int32_t end = grid_.width - kFrame;
    while (begin < end && row[begin] == kOutside) ++begin;
    while (begin < end && row[end - 1] == kOutside) --end;
    if (begin == end) continue;
    sobel_.Compute(h_.data(), v_.data(), blob.window.width(), begin + kInset, y + kInset, end - begin);
    for (int32_t x = begin; x < end; ++x) {
      if (row[x] == kOutside) continue;
      const int32_t ridge = std::max(RidgeOf(Normalised(sobel_.h_gradient()[x - begin], h_scale_, h_shift_)),
                                     RidgeOf(Normalised(sobel_.v_gradient()[x - begin], v_scale_, v_shift_)));
      depth_[grid_.At(x, y)] = kOne - ridge;
      marker_[grid_.At(x, y)] = ridge < kMarkerRidge;
    }
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
  flood_.Run(level_, grid_, MarkerOrder::kRaster, labels_);

  DropForeign(blob, first);
  return static_cast<int32_t>(first.size());
}

// Nuclei whose marker starts outside the owner's box come from another window of a blob that was cut.
void BlobSegmenter::DropForeign(const BlobWindow& blob, std::span<const int32_t> first) {
  if (blob.owner == blob.window) return;
  const Box owner = {blob.owner.x0 - x0_, blob.owner.y0 - y0_, blob.owner.x1 - x0_, blob.owner.y1 - y0_};
  for (int32_t& label : std::span(labels_).first(grid_.size())) {
    if (label > 0 && !owner.contains(first[label - 1] % grid_.width, first[label - 1] / grid_.width))
      label = kOutside;
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
