"""The reference post-processing of HoVer-Net (Graham et al. 2019) with OpenCV, SciPy and scikit-image.

Written from the description of the recipe, to be timed beside ours and to be compared with:
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
from scipy import ndimage
from skimage.segmentation import watershed

SMALLEST = 10
SOBEL_SIZE = 21
RIDGE = 0.4


def drop_small(labels: np.ndarray) -> np.ndarray:
    areas = np.bincount(labels.ravel())
    small = areas < SMALLEST
    small[0] = False
    labels[small[labels]] = 0
    return labels


def normalised(values: np.ndarray) -> np.ndarray:
    return cv2.normalize(values, None, alpha=0, beta=1, norm_type=cv2.NORM_MINMAX, dtype=cv2.CV_32F)


def instances(probability: np.ndarray, h: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Labels of nuclei, int32 [height, width], from float32 maps [height, width]."""
    blob = drop_small(ndimage.label(probability >= 0.5)[0])
    blob[blob > 0] = 1

    sobel_h = cv2.Sobel(normalised(h), cv2.CV_64F, 1, 0, ksize=SOBEL_SIZE)
    sobel_v = cv2.Sobel(normalised(v), cv2.CV_64F, 0, 1, ksize=SOBEL_SIZE)
    overall = np.maximum(1 - normalised(sobel_h), 1 - normalised(sobel_v))
    overall = overall - (1 - blob)
    overall[overall < 0] = 0
    depth = (1.0 - overall) * blob
    level = -cv2.GaussianBlur(depth, (3, 3), 0)

    marker = blob - (overall >= RIDGE).astype(np.int32)
    marker[marker < 0] = 0
    marker = ndimage.binary_fill_holes(marker).astype(np.uint8)
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    marker = cv2.morphologyEx(marker, cv2.MORPH_OPEN, ellipse)
    marker = drop_small(ndimage.label(marker)[0])
    return watershed(level, markers=marker, mask=blob)


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
        labels = instances(*maps[:3])
        found = nuclei(labels, maps[3])
        line = {"folder": str(folder), "seconds": time.process_time() - start, "nuclei": len(found)}
        if options.check:
            line["instances_equal"] = bool((labels == np.load(folder / "instances.npy")).all())
            line["nuclei_equal"] = found == json.loads((folder / "nuclei.json").read_text())["nuclei"]
        json.dump(line, sys.stdout)
        print(flush=True)


if __name__ == "__main__":
    main()
