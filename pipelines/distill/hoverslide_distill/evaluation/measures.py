"""Dice, panoptic quality and detection scores as HoVer-Net's code defines them."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

MATCH_RADIUS = 12.0  # px at 0.25 um/px


def dice(true: np.ndarray, found: np.ndarray) -> float:
    """2 |t f| / (|t| + |f|) of the nuclei's masks."""
    t, f = true > 0, found > 0
    return 2 * float((t & f).sum()) / float(t.sum() + f.sum())


def overlaps(true: np.ndarray, found: np.ndarray) -> np.ndarray:
    """IoU of every true nucleus with every one found, [n, m], both by rising id. Ids [h, w], 0 background."""
    true_ids, t = np.unique(true, return_inverse=True)
    found_ids, f = np.unique(found, return_inverse=True)
    overlap = np.zeros((len(true_ids), len(found_ids)))
    np.add.at(overlap, (t.ravel(), f.ravel()), 1)
    union = overlap.sum(1, keepdims=True) + overlap.sum(0, keepdims=True) - overlap
    return (overlap / union)[true_ids > 0][:, found_ids > 0]


def quality(iou: np.ndarray) -> float:
    """Panoptic quality (Kirillov et al. 2019): sum of the IoU of pairs over 0.5, over TP + FP / 2 + FN / 2."""
    matched = iou[iou > 0.5]
    total = sum(iou.shape) / 2
    return float(matched.sum() / total) if total else 1.0


def panoptic_quality(true: np.ndarray, found: np.ndarray) -> float:
    return quality(overlaps(true, found))


def centroids(nuclei: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Row and column of each id's mean pixel, [n, 2]."""
    return np.array(ndimage.center_of_mass(nuclei > 0, nuclei, ids)).reshape(-1, 2)


def match(true: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of indices of centroids [n, 2] and [m, 2]: least total distance,
    then those over MATCH_RADIUS apart dropped.
    """
    distance = cdist(true, found)
    rows, columns = linear_sum_assignment(distance)
    near = distance[rows, columns] <= MATCH_RADIUS
    return rows[near], columns[near]


@dataclass(frozen=True)
class Detection:
    """Counts of nuclei, or of those of a class where both sides know it."""

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0

    @classmethod
    def of(cls, pairs: int, true: int, found: int) -> "Detection":
        return cls(pairs, found - pairs, true - pairs)

    def __add__(self, other: "Detection") -> "Detection":
        return Detection(
            self.true_positive + other.true_positive,
            self.false_positive + other.false_positive,
            self.false_negative + other.false_negative,
        )

    @property
    def f1(self) -> float:
        total = 2 * self.true_positive + self.false_positive + self.false_negative
        return 2 * self.true_positive / total if total else float("nan")
