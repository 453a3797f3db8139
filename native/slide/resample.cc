#include "slide/resample.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace hoverslide {
namespace {

constexpr int kWeightBits = 14;  // a pixel's weights sum to exactly 1 << kWeightBits
constexpr int kBetweenBits = 8;  // fraction kept between the two passes: 255 << 8 fits 16 bits
constexpr int kFirstShift = kWeightBits - kBetweenBits;
constexpr int kSecondShift = kWeightBits + kBetweenBits;

// Where an output pixel's centre lies among source pixel centres, and the triangle's half width around it.
struct Window {
  Window(int64_t index, double scale)
      : centre((static_cast<double>(index) + 0.5) * scale - 0.5),
        radius(std::max(1.0, scale)),
        begin(static_cast<int64_t>(std::floor(centre - radius)) + 1),
        end(static_cast<int64_t>(std::ceil(centre + radius))) {}
  double centre, radius;
  int64_t begin, end;
};

// The weights of one axis: output pixel i is the sum of weights[start[i] + k] * source[first[i] + k].
struct Axis {
  std::vector<int64_t> first;
  std::vector<size_t> start;
  std::vector<int32_t> weights;

  Axis(PixelRange output, PixelRange source, double scale) {
    std::vector<double> exact;
    for (int64_t index = output.begin; index < output.end; ++index) {
      const Window window(index, scale);
      if (window.begin < source.begin || window.end > source.end) {
        throw std::invalid_argument("the source does not cover the output");
      }
      exact.clear();
      double sum = 0;
      for (int64_t i = window.begin; i < window.end; ++i) {
        exact.push_back(1 - std::abs(static_cast<double>(i) - window.centre) / window.radius);
        sum += exact.back();
      }
      first.push_back(window.begin - source.begin);
      start.push_back(weights.size());
      int32_t left = 1 << kWeightBits;
      size_t largest = start.back();
      for (const double weight : exact) {
        weights.push_back(static_cast<int32_t>(std::floor(weight / sum * (1 << kWeightBits) + 0.5)));
        left -= weights.back();
        if (weights.back() > weights[largest]) largest = weights.size() - 1;
      }
      weights[largest] += left;  // a flat source stays exactly flat
    }
    start.push_back(weights.size());
  }
};

int64_t Length(PixelRange range) { return range.end - range.begin; }

}  // namespace

PixelRange SourceRange(PixelRange output, double scale) {
  if (output.begin >= output.end) return {0, 0};
  return {Window(output.begin, scale).begin, Window(output.end - 1, scale).end};
}

void Resample(std::span<const uint8_t> source, PixelRect source_rect, double scale, PixelRect output_rect,
              std::span<uint8_t> output) {
  if (!(scale > 0) || !std::isfinite(scale)) throw std::invalid_argument("scale must be positive");
  const int64_t source_width = Length(source_rect.x), source_height = Length(source_rect.y);
  const int64_t width = Length(output_rect.x), height = Length(output_rect.y);
  if (std::min({source_width, source_height, width, height}) < 0 ||
      source.size() != static_cast<size_t>(source_width * source_height * 3) ||
      output.size() != static_cast<size_t>(width * height * 3)) {
    throw std::invalid_argument("a buffer must hold width * height * 3 bytes");
  }
  const Axis columns(output_rect.x, source_rect.x, scale);
  const Axis rows(output_rect.y, source_rect.y, scale);

  std::vector<uint16_t> between(static_cast<size_t>(source_height * width * 3));
  uint16_t* narrow = between.data();
  for (int64_t y = 0; y < source_height; ++y) {
    const uint8_t* line = source.data() + y * source_width * 3;
    for (int64_t x = 0; x < width; ++x) {
      const uint8_t* pixel = line + columns.first[x] * 3;
      int32_t r = 1 << (kFirstShift - 1), g = r, b = r;
      for (size_t k = columns.start[x]; k < columns.start[x + 1]; ++k, pixel += 3) {
        const int32_t weight = columns.weights[k];
        r += weight * pixel[0];
        g += weight * pixel[1];
        b += weight * pixel[2];
      }
      *narrow++ = static_cast<uint16_t>(r >> kFirstShift);
      *narrow++ = static_cast<uint16_t>(g >> kFirstShift);
      *narrow++ = static_cast<uint16_t>(b >> kFirstShift);
    }
  }
  const size_t stride = static_cast<size_t>(width) * 3;
  std::vector<int32_t> sums(stride);
  for (int64_t y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), 1 << (kSecondShift - 1));
    const uint16_t* line = between.data() + static_cast<size_t>(rows.first[y]) * stride;
    for (size_t k = rows.start[y]; k < rows.start[y + 1]; ++k, line += stride) {
      const int32_t weight = rows.weights[k];
      for (size_t i = 0; i < stride; ++i) sums[i] += weight * line[i];
    }
    uint8_t* out = output.data() + static_cast<size_t>(y) * stride;
    for (size_t i = 0; i < stride; ++i) out[i] = static_cast<uint8_t>(sums[i] >> kSecondShift);
  }
}

}  // namespace hoverslide
