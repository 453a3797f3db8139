"""The reference post-processing of HoVer-Net (Graham et al. 2019) with OpenCV, SciPy and scikit-image.

The training package's recipe for the instances, and the authors' way of listing them, to be timed beside ours and to be
compared with:
    python postprocess_reference.py DIR...
reads np.npy, h.npy, v.npy, type.npy of each folder, and prints one JSON line per folder with the core-seconds taken and
the number of nuclei; with --check it also compares instances.npy, where there is one, and names differences.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pipelines" / "distill"))
from hoverslide_distill.evaluation.postprocess import reference  # noqa: E402


def nuclei(labels: np.ndarray, types: np.ndarray) -> list[dict]:
    """Box, centroid, outline and class of each nucleus, found as the reference does: by a scan of the tile for each."""
    found = []
    for label in np.unique(labels)[1:]:
        mask = labels == label
        rows = np.flatnonzero(mask.any(axis=1))
        columns = np.flatnonzero(mask.any(axis=0))
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        crop = mask[top:bottom, left:right].astype(np.uint8)
        moments = cv2.moments(crop)
        contour = cv2.findContours(crop, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)[0][0].reshape(-1, 2)
        if len(contour) < 3:
            continue
        ids, votes = np.unique(types[top:bottom, left:right][crop > 0], return_counts=True)
        ranked = sorted(zip(ids, votes, strict=True), key=lambda pair: -pair[1])
        kind, count = ranked[1] if ranked[0][0] == 0 and len(ranked) > 1 else ranked[0]
        found.append(
            {
                "id": int(label),
                "bbox": [int(top), int(left), int(bottom), int(right)],
                "centroid": [moments["m10"] / moments["m00"] + left, moments["m01"] / moments["m00"] + top],
                "contour": (contour + [left, top]).tolist(),
                "type": int(kind),
                "share": float(count / (crop.sum() + 1.0e-6)),
            }
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--check", action="store_true", help="compare with the folder's expected results")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    for folder in options.folders:
        maps = [np.load(folder / f"{name}.npy") for name in ("np", "h", "v", "type")]
        start = time.process_time()
        labels = reference(*maps[:3])
        found = nuclei(labels, maps[3])
        line = {"folder": str(folder), "seconds": time.process_time() - start, "nuclei": len(found)}
        if options.check:
            line["instances_equal"] = bool((labels == np.load(folder / "instances.npy")).all())
            line["nuclei_equal"] = found == json.loads((folder / "nuclei.json").read_text())["nuclei"]
        json.dump(line, sys.stdout)
        print(flush=True)


if __name__ == "__main__":
    main()
