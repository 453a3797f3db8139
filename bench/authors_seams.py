"""What seams have done to nuclei.

    python authors_seams.py maps REGION B0.onnx OUT
    python authors_seams.py count OUT (reference|seamless) NUCLEI LINES

`maps` writes hoverslide-b0's maps of a region, and the nuclei of all of it in one window, without any seam: by
HoVer-Net's recipe (`reference`), as the authors' tools find them, and by `seamless` with the card's constants, as the
product does.

`count` compares a pipeline's nuclei (contours of authors_pipelines.py, or a nuclei.geojson.gz of the product) with them
and prints one JSON line, of what lies 64 px and more inside the region:
- doubled: pairs of nuclei that share a tenth of the smaller one or more;
- cut: nuclei that end along a line (LINES, px, the same for x and y) behind which the seamless one, of which they are
  no more than three quarters, goes on.
"""

import gzip
import json
import sys
from pathlib import Path

import cv2
import numpy as np
from skimage.draw import polygon as pixels_within

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "pipelines" / "distill"))
from hoverslide_distill.evaluation.infer import infer_field, onnx_net, pack_maps, probabilities  # noqa: E402
from hoverslide_distill.evaluation.postprocess import reference, seamless  # noqa: E402
from hoverslide_distill.steps.card import card_ranges, read_card  # noqa: E402

INSIDE = 64
EDGE = 5


def write_maps(region: Path, model: Path, out: Path) -> None:
    import openslide

    slide = openslide.OpenSlide(str(region))
    image = np.asarray(slide.read_region((0, 0), 0, slide.dimensions).convert("RGB"))
    maps = probabilities(infer_field(onnx_net(model), image))
    out.mkdir()
    for name, array in zip(("np", "h", "v", "type"), maps, strict=True):
        np.save(out / f"{name}.npy", np.ascontiguousarray(array))
    np.save(out / "reference.npy", reference(*maps[:3]))
    np.save(out / "seamless.npy", seamless(pack_maps(*maps), card_ranges(read_card(model))))


def read_nuclei(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows and columns of each nucleus's pixels. Contours run through pixel centres, the product's along edges."""
    if path.suffix == ".gz":
        features = json.loads(gzip.decompress(path.read_bytes()))["features"]
        shells = [np.array(feature["geometry"]["coordinates"][0]) - 0.5 for feature in features]
        return [pixels_within(shell[:, 1], shell[:, 0]) for shell in shells]
    return [within_contour(np.array(contour, np.int32)) for contour in json.loads(path.read_text())]


def within_contour(contour: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    corner = contour.min(0)
    width, height = contour.max(0) - corner + 1
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - corner], 1)
    rows, columns = np.nonzero(mask)
    return rows + corner[1], columns + corner[0]


def count(window: np.ndarray, nuclei: list[tuple[np.ndarray, np.ndarray]], lines: list[int]) -> dict[str, int]:
    height, width = window.shape
    painted = np.zeros(window.shape, np.int32)
    areas, doubled, cut, counted = [0], 0, 0, 0
    sizes = np.bincount(window.ravel())
    for place, (rows, columns) in enumerate(nuclei, start=1):
        inside = (rows >= 0) & (columns >= 0) & (rows < height) & (columns < width)
        rows, columns = rows[inside], columns[inside]
        areas.append(len(rows))
        if not len(rows):
            continue
        others, shared = np.unique(painted[rows, columns], return_counts=True)
        painted[rows, columns] = place
        box = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
        if min(box) < INSIDE or max(box[0::2]) > height - INSIDE or max(box[1::2]) > width - INSIDE:
            continue
        counted += 1
        doubled += sum(10 * n >= min(areas[other], len(rows)) for other, n in zip(others, shared, strict=True) if other)
        cut += is_cut(window, sizes, rows, columns, box, lines)
    return {"nuclei": counted, "doubled": int(doubled), "cut": int(cut)}


def is_cut(window, sizes, rows, columns, box, lines: list[int]) -> bool:
    ids, shares = np.unique(window[rows, columns], return_counts=True)
    best = shares.argmax()
    if ids[best] == 0 or shares[best] < 0.9 * len(rows) or shares[best] > 0.75 * sizes[ids[best]]:
        return False
    top, left, bottom, right = box
    for end, along, across in ((top, rows, -1), (bottom - 1, rows, 1), (left, columns, -1), (right - 1, columns, 1)):
        edge = end if across < 0 else end + 1
        if min(abs(edge - line) for line in lines) > 1:
            continue
        last = along == end
        beyond = (rows[last] + across, columns[last]) if along is rows else (rows[last], columns[last] + across)
        if (window[beyond] == ids[best]).sum() >= EDGE:
            return True
    return False


def main() -> None:
    command, *rest = sys.argv[1:]
    if command == "maps":
        write_maps(*map(Path, rest))
        return
    folder, kind, nuclei, lines = rest
    window = np.load(Path(folder, f"{kind}.npy"))
    found = count(window, read_nuclei(Path(nuclei)), json.loads(lines))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
