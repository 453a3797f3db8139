"""The straightforward pipeline for a whole slide, to be measured beside ours: `python plain_pipeline.py SLIDE MODEL`.

Tile by tile: 2048 px with a margin of 64 px on each side are read with openslide-python, cut into patches for
onnxruntime, put together, post-processed with the reference recipe (postprocess_reference.py), and the nuclei whose
centroid lies within the tile's core are kept. Tissue is what Otsu's threshold takes on a thumbnail's saturation. The
slide must have the model's pixel size. Prints one JSON line: seconds, peak memory, and what went wrong at the seams:

doubled  pairs of kept nuclei of different tiles that share at least a tenth of the smaller one's pixels
lost     pairs of instances of neighbouring tiles that match (IoU over 0.5), of which neither tile keeps its own
cut      kept nuclei that end at their tile's border
"""

import argparse
import json
import resource
import time
import zlib
from itertools import combinations

import cv2
import numpy as np
import onnxruntime
import openslide
from postprocess_reference import nuclei, reference
from skimage.color import rgb2hsv
from skimage.filters import threshold_otsu

TILE, MARGIN = 2048, 64
CORE = TILE - 2 * MARGIN
PATCH, STRIDE, BATCH = 256, 192, 16
CONTEXT = (PATCH - STRIDE) // 2
PER_TILE = -(-TILE // STRIDE)
THUMBNAIL = 32


def tissue_mask(slide: openslide.OpenSlide) -> np.ndarray:
    size = tuple(max(1, side // THUMBNAIL) for side in slide.dimensions)
    saturation = rgb2hsv(np.asarray(slide.get_thumbnail(size).convert("RGB")))[..., 1]
    return saturation > threshold_otsu(saturation)


class Pipeline:
    def __init__(self, slide: str, model: str, threads: int):
        self.slide = openslide.OpenSlide(slide)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.tissue = tissue_mask(self.slide)
        self.seconds = {"read": 0.0, "net": 0.0, "postprocess": 0.0}
        self.patches = 0

    def tile_maps(self, x0: int, y0: int) -> np.ndarray | None:
        """Packed maps [TILE, TILE, 4] of the tile whose core starts at (x0, y0); None where it has no tissue."""
        x0, y0 = x0 - MARGIN, y0 - MARGIN
        wanted = []
        for row in range(PER_TILE):
            for column in range(PER_TILE):
                left, top = x0 + column * STRIDE, y0 + row * STRIDE
                x, y = max(0, left) // THUMBNAIL, max(0, top) // THUMBNAIL
                if self.tissue[y : (top + STRIDE) // THUMBNAIL + 1, x : (left + STRIDE) // THUMBNAIL + 1].any():
                    wanted.append((row, column))
        if not wanted:
            return None
        start = time.perf_counter()
        side = PER_TILE * STRIDE + 2 * CONTEXT
        region = self.slide.read_region((x0 - CONTEXT, y0 - CONTEXT), 0, (side, side))
        pixels = np.full((side, side, 3), 255, np.uint8)
        rgba = np.asarray(region)
        pixels[rgba[..., 3] > 0] = rgba[rgba[..., 3] > 0][:, :3]
        self.seconds["read"] += time.perf_counter() - start

        maps = np.zeros((PER_TILE * STRIDE, PER_TILE * STRIDE, 4), np.uint8)
        maps[..., 1:3] = 128
        start = time.perf_counter()
        for first in range(0, len(wanted), BATCH):
            some = wanted[first : first + BATCH]
            batch = [pixels[r * STRIDE : r * STRIDE + PATCH, c * STRIDE : c * STRIDE + PATCH] for r, c in some]
            (results,) = self.session.run(["maps"], {"image": np.stack(batch)})
            for (r, c), result in zip(some, results, strict=True):
                maps[r * STRIDE : (r + 1) * STRIDE, c * STRIDE : (c + 1) * STRIDE] = result
        self.seconds["net"] += time.perf_counter() - start
        self.patches += len(wanted)
        return maps[:TILE, :TILE]

    def run(self) -> dict[tuple[int, int], tuple[bytes, list[dict]]]:
        """By tile: its instances, packed small to be looked at later, and those of its nuclei that it keeps."""
        tiles = {}
        for y0 in range(0, self.slide.dimensions[1], CORE):
            for x0 in range(0, self.slide.dimensions[0], CORE):
                maps = self.tile_maps(x0, y0)
                if maps is None:
                    continue
                start = time.perf_counter()
                probability = (maps[..., 0] / 256).astype(np.float32)
                h, v = (maps[..., channel].astype(np.float32) / 100 - 1.28 for channel in (1, 2))
                labels = reference(probability, h, v)
                inside = [n for n in nuclei(labels, maps[..., 3]) if all(0 <= p - MARGIN < CORE for p in n["centroid"])]
                self.seconds["postprocess"] += time.perf_counter() - start
                tiles[x0 // CORE, y0 // CORE] = zlib.compress(labels.astype(np.int32).tobytes(), 1), inside
        return tiles


def seam_errors(packed: dict) -> dict[str, int]:
    tiles = {
        key: (np.frombuffer(zlib.decompress(labels), np.int32).reshape(TILE, TILE), kept)
        for key, (labels, kept) in packed.items()
    }
    errors = {"doubled": 0, "lost": 0, "cut": 0}
    for _, kept in tiles.values():
        errors["cut"] += sum(min(n["bbox"]) == 0 or max(n["bbox"]) == TILE for n in kept)
    kept_ids = {key: {n["id"] for n in kept} for key, (_, kept) in tiles.items()}
    for a, b in combinations(tiles, 2):
        if max(abs(a[0] - b[0]), abs(a[1] - b[1])) != 1:
            continue
        dx, dy = (b[0] - a[0]) * CORE, (b[1] - a[1]) * CORE
        xa, ya = max(0, dx), max(0, dy)
        xb, yb = max(0, -dx), max(0, -dy)
        width, height = TILE - abs(dx), TILE - abs(dy)
        in_a = tiles[a][0][ya : ya + height, xa : xa + width]
        in_b = tiles[b][0][yb : yb + height, xb : xb + width]
        both = (in_a > 0) & (in_b > 0)
        pairs, shared = np.unique(np.stack([in_a[both], in_b[both]]), axis=1, return_counts=True)
        area_a, area_b = (np.bincount(tiles[key][0].ravel()) for key in (a, b))
        for (i, j), pixels in zip(pairs.T, shared, strict=True):
            if i in kept_ids[a] and j in kept_ids[b]:
                errors["doubled"] += int(pixels * 10 >= min(area_a[i], area_b[j]))
            elif i not in kept_ids[a] and j not in kept_ids[b] and belongs(a, b, tiles, i, j):
                errors["lost"] += int(pixels * 2 > area_a[i] + area_b[j] - pixels)
    return errors


def belongs(a: tuple[int, int], b: tuple[int, int], tiles: dict, i: int, j: int) -> bool:
    """Whether each of the two tiles leaves the nucleus to the other, not to a third one."""
    return core_of(a, tiles[a][0], i) == b and core_of(b, tiles[b][0], j) == a


def core_of(tile: tuple[int, int], labels: np.ndarray, label: int) -> tuple[int, ...]:
    moments = cv2.moments((labels == label).astype(np.uint8), binaryImage=True)
    centroid = (moments["m10"] / moments["m00"] - MARGIN, moments["m01"] / moments["m00"] - MARGIN)
    return tuple(int((tile[axis] * CORE + centroid[axis]) // CORE) for axis in (0, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slide")
    parser.add_argument("model")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)
    start, cpu = time.perf_counter(), time.process_time()
    pipeline = Pipeline(options.slide, options.model, options.threads)
    tiles = pipeline.run()
    figures = {
        "wall": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "patches": pipeline.patches,
        "nuclei": sum(len(kept) for _, kept in tiles.values()),
        **pipeline.seconds,
    }
    print(json.dumps({**figures, **seam_errors(tiles)}))


if __name__ == "__main__":
    main()
