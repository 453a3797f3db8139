#include "nuclei/blob.h"

namespace hoverslide {

BlobWindow ReadBlob(std::span<const uint8_t> buffer, size_t& offset) {
  if (buffer.size() - offset < sizeof(BlobHeader)) {
    throw std::invalid_argument("blob buffer ends within a header");
  }
  BlobHeader header;
  const uint8_t* start = buffer.data() + offset;
  std::memcpy(&header, start, sizeof(header));
  if (buffer.size() - offset < header.size()) throw std::invalid_argument("blob buffer ends within a blob");
  offset += header.size();
  const auto* pixels = reinterpret_cast<const MapPixel*>(start + header.PixelsAt());
  const auto* runs = reinterpret_cast<const Run*>(start + header.RunsAt());
  const auto* neighbourhood = reinterpret_cast<const Run*>(start + header.NeighbourhoodAt());
  return {header.window,
          header.owner,
          {runs, header.runs},
          {pixels, header.pixels},
          {neighbourhood, header.neighbourhood_runs},
          {start + header.HAt(), header.neighbourhood_pixels},
          {start + header.VAt(), header.neighbourhood_pixels}};
}

BlobSpace AppendBlob(std::vector<uint8_t>& buffer, const BlobHeader& header) {
  const size_t offset = buffer.size();
  buffer.resize(offset + header.size());
  uint8_t* start = buffer.data() + offset;
  std::memcpy(start, &header, sizeof(header));
  return {{reinterpret_cast<Run*>(start + header.RunsAt()), header.runs},
          {reinterpret_cast<MapPixel*>(start + header.PixelsAt()), header.pixels},
          {reinterpret_cast<Run*>(start + header.NeighbourhoodAt()), header.neighbourhood_runs},
          {start + header.HAt(), header.neighbourhood_pixels},
          {start + header.VAt(), header.neighbourhood_pixels}};
}

}  // namespace hoverslide
