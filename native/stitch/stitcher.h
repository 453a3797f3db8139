#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "stitch/giant_blobs.h"
#include "stitch/neighbourhood.h"
#include "stitch/patch_order.h"
#include "stitch/saved_state.h"
#include "stitch/tile_maker.h"
#include "stitch/tile_store.h"
#include "stitch/whole_blobs.h"
#include "stitch/window_writer.h"

namespace hoverslide {

// Puts blobs together across patches.
//
// Patches are added one by one in a fixed order. A blob is written once, whole, with the patch that completes
// it (whole_blobs.h): by then every pixel that post-processing may look at is known. Blobs completed by the
// same patch are written in raster order of their first pixels. Blobs too large for that are cut
// (giant_blobs.h). So what is written, and in which order, depends on the maps and the order of patches
// alone.
//
// A tile stays in memory only while one of its neighbours is still to come, or while a blob that is not
// complete needs it.
//
// Owns all of its parts; its own state is the position in the order and the next blob's name. Not
// thread-safe: one call at a time.
class Stitcher {
 public:
  // Throws std::invalid_argument if a patch is listed twice or lies beyond the slide.
  Stitcher(const Lattice& lattice, std::vector<Patch> patches);
  // Restores a stitcher from what Save returned. It can go on after a Refill of each of Missing(). Throws
  // also std::runtime_error if `saved` does not fit this lattice and these patches.
  Stitcher(const Lattice& lattice, std::vector<Patch> patches, std::span<const uint8_t> saved);
  Stitcher(const Stitcher&) = delete;
  Stitcher& operator=(const Stitcher&) = delete;

  // Adds the next patch and appends the blobs that are complete with it to `out`, in the form of
  // nuclei/blob.h. `maps` is [stride, stride, 4], `rgb` [patch, patch, 3]. Throws std::out_of_range after the
  // last patch, std::logic_error while tiles are missing.
  void Add(std::span<const uint8_t> maps, std::span<const uint8_t> rgb, std::vector<uint8_t>& out);

  const Lattice& lattice() const { return order_.lattice(); }
  // Counts the patches added so far.
  size_t position() const { return position_; }
  size_t tiles_in_memory() const { return tiles_.size(); }
  // Counts the blobs so far that were cut.
  int64_t cut_blobs() const { return giants_.count(); }

  // Returns all state but the tiles' pixels, for the second constructor.
  std::vector<uint8_t> Save() const;
  // Returns the places of the tiles that must be refilled, ascending.
  std::vector<uint32_t> Missing() const { return tiles_.Missing(); }
  // Makes a missing tile again; arguments as for Add. Throws std::out_of_range or std::logic_error if the
  // tile at `place` is not missing, std::runtime_error if it is not the tile that was saved.
  void Refill(uint32_t place, std::span<const uint8_t> maps, std::span<const uint8_t> rgb);

 private:
  void AddTile(uint32_t place, Tile tile);
  void JoinAcross(uint32_t place, Tile::Side side);
  void Join(BlobId a, BlobId b);
  void Schedule(BlobId id);
  const OpenBlob& BlobOf(BlobId id) const { return giants_.Contains(id) ? giants_.At(id) : wholes_.At(id); }
  bool IsNeeded(uint32_t place) const;
  void RemoveUnneededTiles(uint32_t place);
  void Trim(Tile& tile);

  PatchOrder order_;
  size_t position_ = 0;
  BlobId next_blob_ = 1;
  TileStore tiles_;
  WholeBlobs wholes_{order_};
  GiantBlobs giants_{order_};  // every open blob is in exactly one of the two
  WindowWriter writer_{order_, tiles_};
  TileMaker maker_;
  Neighbourhood neighbourhood_;
};

}  // namespace hoverslide
