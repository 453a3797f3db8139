// libFuzzer target: what is read from a buffer must be refused or segmented, whatever its bytes.
// The first byte chooses the kernel; what follows is its input.
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "nuclei/instances.h"
#include "nuclei/reference.h"
#include "nuclei/seamless.h"
#include "windows.h"

using namespace hoverslide;

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckBlock(const NucleiBlock& block) {
  Require(block.nucleus_ring.size() == block.count() + 1);
  Require(block.nucleus_ring.back() + 1 == block.ring_start.size());
  Require(block.ring_start.back() * 2 == block.vertices.size());
  for (size_t k = 0; k < block.count(); ++k) {
    int64_t twice_area = 0;
    for (uint32_t r = block.nucleus_ring[k]; r < block.nucleus_ring[k + 1]; ++r) {
      for (uint32_t c = block.ring_start[r]; c + 1 < block.ring_start[r + 1]; ++c) {
        const int32_t* v = &block.vertices[2 * c];
        twice_area += int64_t{v[0]} * v[3] - int64_t{v[2]} * v[1];
      }
    }
    Require(twice_area == 2 * int64_t{block.area[k]});
    Require(block.solidity[k] > 0 && block.solidity[k] <= 1);
    Require(block.share[k] > 0 && block.share[k] <= 1);
    Require(std::isfinite(block.perimeter[k]) && block.minor_axis[k] <= block.major_axis[k]);
    Require(block.stain[4 * k + 1] >= 0 && block.stain[4 * k + 3] >= 0);
  }
}

void FuzzBuffer(std::span<const uint8_t> bytes) {
  CheckBlock(SegmentBlobs(bytes, {-1.1e10, 0.9e10, -1.1e10, 0.9e10}));
}

// A window of the right form: bits say what belongs to the blob, bytes what the maps are.
void FuzzBlob(std::span<const uint8_t> bytes) {
  if (bytes.size() < 8) return;
  const int32_t width = 1 + bytes[0] % 48;
  const int32_t height = 1 + bytes[1] % 48;
  const int32_t x0 = static_cast<int8_t>(bytes[2]) * (1 << 16);
  const int32_t y0 = static_cast<int8_t>(bytes[3]) * (1 << 16);
  DrawnWindow drawn({x0, y0, x0 + width + 2 * kBlobMargin, y0 + height + 2 * kBlobMargin});
  const auto byte = [&](size_t k) { return bytes[4 + k % (bytes.size() - 4)]; };
  for (size_t i = 0; i < drawn.pixels.size(); ++i) {
    const auto x = static_cast<int32_t>(i % drawn.window.width()) - kBlobMargin;
    const auto y = static_cast<int32_t>(i / drawn.window.width()) - kBlobMargin;
    const bool in_box = x >= 0 && y >= 0 && x < width && y < height;
    drawn.pixels[i] = {.h = byte(i), .v = byte(i * 7 + 1), .r = byte(i / 3)};
    drawn.pixels[i].type = byte(i / 5) & bytes[0];
    drawn.inside[i] = in_box && (byte(static_cast<size_t>(y) * width + x) & 3) != 0;
  }
  std::vector<uint8_t> buffer;
  drawn.AppendTo(buffer, drawn.window);
  const double steep = 1e8 * (1 + bytes[2]);
  CheckBlock(SegmentBlobs(buffer, {-steep, steep, -steep, steep}));
}

void FuzzReference(std::span<const uint8_t> bytes) {
  if (bytes.size() < 2 + sizeof(float)) return;
  const int32_t width = 1 + bytes[0] % 40;
  const int32_t height = 1 + bytes[1] % 40;
  const size_t area = static_cast<size_t>(width) * height;
  std::vector<float> np(area), h(area), v(area);
  const size_t count = (bytes.size() - 2) / sizeof(float);
  const auto value = [&](size_t k) {
    float x;
    std::memcpy(&x, bytes.data() + 2 + k % count * sizeof(float), sizeof(float));
    return x;
  };
  std::vector<uint8_t> types(area);
  for (size_t i = 0; i < area; ++i) {
    np[i] = value(i) * value(0) > 0;
    h[i] = value(i);
    v[i] = value(3 * i + 1);
    types[i] = bytes[i % bytes.size()];
  }
  const std::vector<int32_t> instances =
      ReferenceInstances({.width = width, .height = height, .np = np, .h = h, .v = v});
  const InstanceTable table = DescribeInstances(instances, types, width, height);
  Require(table.contour_start.back() * 2 == table.contour.size());
  for (const double share : table.share) Require(share > 0 && share <= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::span<const uint8_t> bytes(data + 1, size - 1);
  try {
    switch (data[0] % 3) {
      case 0:
        FuzzBuffer(bytes);
        break;
      case 1:
        FuzzBlob(bytes);
        break;
      default:
        FuzzReference(bytes);
    }
  } catch (const std::invalid_argument&) {  // refused
  }
  return 0;
}
