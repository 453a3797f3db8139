#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "geometry/box.h"
#include "nuclei/blob.h"
#include "stitch/neighbourhood.h"
#include "stitch/open_blob.h"
#include "stitch/patch_order.h"
#include "stitch/tile_store.h"

namespace hoverslide {

// Pixels [x0, x1) of row y in model space, with their values.
struct PixelRun {
  int32_t y, x0, x1;
  const MapPixel* pixels;

  bool operator<(const PixelRun& other) const { return IsBefore({x0, y}, {other.x0, other.y}); }
};

// Writes blobs, or parts of them, in the form of nuclei/blob.h: it copies pixels and neighbourhoods out of
// the tiles that are in memory. Owns scratch buffers only.
class WindowWriter {
 public:
  WindowWriter(const PatchOrder& order, const TileStore& tiles) : order_(order), tiles_(tiles) {}

  // Replaces `runs` by those of `pieces` that lie in `within`, in raster order; the tiles of the pieces must
  // be in memory. The runs are valid as long as the tiles are not changed.
  void CollectRuns(std::span<const PieceRef> pieces, const Box& within, std::vector<PixelRun>& runs) const;

  // Appends the blob that consists of `runs` (in raster order, within `box`) with its neighbourhood. Where no
  // tile is in memory, h and v of the neighbourhood are 0.
  void Append(const Box& box, const Box& owner, std::span<const PixelRun> runs, std::vector<uint8_t>& out);

  // Appends a whole blob, which owns all of its nuclei.
  void AppendWhole(const OpenBlob& blob, std::vector<uint8_t>& out);

 private:
  void CopyNeighbourhood(const Box& window, const BlobSpace& space) const;

  const PatchOrder& order_;
  const TileStore& tiles_;
  std::vector<PixelRun> collected_;
  std::vector<Run> runs_;
  Neighbourhood neighbourhood_;
};

}  // namespace hoverslide
