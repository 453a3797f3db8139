"""HoVer-Net's post-processing in Python, for validation and calibration; the product has its own, in C++.

`reference` normalises the gradients over the whole map. `seamless` takes constants instead, those of the card, and
treats each blob alone, so that a blob gives the same nuclei in whatever window it is seen.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

from ..data.targets import HV_SCALE

SOBEL_SIZE = 21
MARKER_LEVEL = 0.4
MIN_AREA = 10
ELLIPSE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))


@dataclass(frozen=True)
class Ranges:
    """Minimum and maximum of the raw Sobel of each axis, in the units of h and v (about -1..1); the ridge from which on
    a pixel is no marker; the taps of the Sobel.
    """

    h: tuple[float, float]
    v: tuple[float, float]
    marker: float = MARKER_LEVEL
    sobel: int = SOBEL_SIZE


def sobel(h: np.ndarray, v: np.ndarray, taps: int = SOBEL_SIZE) -> tuple[np.ndarray, np.ndarray]:
    """d/dx of h and d/dy of v, float64 [h, w]."""
    return cv2.Sobel(h, cv2.CV_64F, 1, 0, ksize=taps), cv2.Sobel(v, cv2.CV_64F, 0, 1, ksize=taps)


def min_max(values: np.ndarray) -> np.ndarray:
    """0..1 as float32; a constant map gives 0, as OpenCV's normalize does."""
    return cv2.normalize(values, None, 0, 1, cv2.NORM_MINMAX, cv2.CV_32F)


def drop_small(labels: np.ndarray) -> np.ndarray:
    """Components under MIN_AREA px become background. labels: int [h, w]."""
    sizes = np.bincount(labels.ravel())
    return np.where(sizes[labels] < MIN_AREA, 0, labels)


def flood(blob: np.ndarray, edges: np.ndarray, level: float = MARKER_LEVEL, clip: bool = False) -> np.ndarray:
    """Nuclei within a mask, int32 ids, from the edge strength (0..1, high between nuclei); both [h, w].

    level: edge strength from which on a pixel is no marker. clip: keep markers within the mask, as `seamless` does;
    holes that were filled outside it else stay markers.
    """
    overall = np.maximum(edges - (1.0 - blob), 0)
    distance = -cv2.GaussianBlur((1.0 - overall) * blob, (3, 3), 0)
    marker = (blob & (overall < level)).astype(np.uint8)
    marker = ndimage.binary_fill_holes(marker).astype(np.uint8)
    marker = cv2.morphologyEx(marker, cv2.MORPH_OPEN, ELLIPSE)
    if clip:
        marker &= blob
    markers = drop_small(ndimage.label(marker)[0])
    return watershed(distance, markers, mask=blob)


def reference(np_map: np.ndarray, h: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Nuclei of float32 maps [h, w] as HoVer-Net's code finds them: int32 ids, 0 background."""
    blob = drop_small(ndimage.label(np_map >= 0.5)[0]) > 0
    edges = [1 - min_max(s) for s in sobel(min_max(h), min_max(v))]
    return flood(blob, np.maximum(*edges))


def seamless(packed: np.ndarray, ranges: Ranges) -> np.ndarray:
    """Nuclei of packed maps uint8 [h, w, 4] (np, h, v, class): int32 ids, 0 background."""
    blobs = drop_small(ndimage.label(packed[..., 0] >= 128)[0])
    edges = seamless_edges(*raw_gradients(packed, ranges.sobel), ranges)
    return seamless_from_edges(blobs, edges, ranges.marker)


def raw_gradients(packed: np.ndarray, taps: int = SOBEL_SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Sobel of h and of v, in their own units. Beyond the maps lies no tissue: h and v are 0 there, not mirrored."""
    reach = taps // 2
    h, v = (np.pad(packed[..., i].astype(np.float64) - 128, reach) for i in (1, 2))
    return tuple(s[reach:-reach, reach:-reach] / HV_SCALE for s in sobel(h, v, taps))


def seamless_edges(sobel_h: np.ndarray, sobel_v: np.ndarray, ranges: Ranges) -> np.ndarray:
    edges = [
        1 - np.clip((s - low) / (high - low), 0, 1).astype(np.float32)
        for s, (low, high) in ((sobel_h, ranges.h), (sobel_v, ranges.v))
    ]
    return np.maximum(*edges)


def seamless_from_edges(blobs: np.ndarray, edges: np.ndarray, level: float = MARKER_LEVEL) -> np.ndarray:
    """Nuclei blob by blob: every other blob counts as background. blobs: int ids [h, w]; level: as of `flood`."""
    nuclei = np.zeros(blobs.shape, np.int32)
    count = 0
    for index, box in enumerate(ndimage.find_objects(blobs), start=1):
        if box is None:
            continue
        blob = np.pad(blobs[box] == index, 1)
        found = flood(blob, np.pad(edges[box], 1), level, clip=True)[1:-1, 1:-1]
        nuclei[box][found > 0] = found[found > 0] + count
        count += found.max()
    return nuclei


def nucleus_classes(nuclei: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ids int [n] and, per id, the class most frequent in it:
    the second where that is background, ties to the lower.
    """
    ids = np.unique(nuclei)
    ids = ids[ids > 0]
    votes = np.zeros((nuclei.max() + 1, 256), np.int64)
    np.add.at(votes, (nuclei.ravel(), classes.ravel()), 1)
    votes = votes[ids]
    typed = votes[:, 1:].argmax(1) + 1
    return ids, np.where(votes[:, 1:].max(1, initial=0) > 0, typed_or_first(votes, typed), 0)


def typed_or_first(votes: np.ndarray, typed: np.ndarray) -> np.ndarray:
    first = votes.argmax(1)
    return np.where(first > 0, first, typed)
