"""Measures of a net over fields with instances: the same for validation, for the card and for comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..data.labels import CLASS_COUNT, CLASS_NAMES
from . import measures
from .infer import pack, probabilities
from .postprocess import Ranges, nucleus_classes, reference, seamless


@dataclass(frozen=True)
class Truth:
    """instances int [h, w]; label codes uint8 [h, w]."""

    instances: np.ndarray
    label: np.ndarray


def find_nuclei(output: np.ndarray, ranges: Ranges | None) -> tuple[np.ndarray, np.ndarray]:
    """Nuclei and class map of a net's ten channels: `seamless` on packed maps with ranges,
    `reference` on float maps without.
    """
    if ranges is not None:
        packed = pack(output)
        return seamless(packed, ranges), packed[..., 3]
    np_map, h, v, classes = probabilities(output)
    return reference(np_map, h, v), classes


@dataclass(frozen=True)
class FieldScores:
    """by_class: counts of each class id; those whose class is not labelled count for neither side."""

    dice: float
    quality: float
    detection: measures.Detection
    by_class: list[measures.Detection]


def score_field(output: np.ndarray, truth: Truth, ranges: Ranges | None) -> FieldScores:
    """Measures of one field, `seamless` with ranges and `reference` without; per class, a wrong class is a miss and a
    false find.
    """
    nuclei, classes = find_nuclei(output, ranges)
    true_ids, true_classes = nucleus_classes(truth.instances, truth.label)
    ids, found_classes = nucleus_classes(nuclei, classes)
    i, j = measures.match(measures.centroids(truth.instances, true_ids), measures.centroids(nuclei, ids))
    unlabelled = np.zeros(len(ids), bool)
    unlabelled[j[true_classes[i] >= CLASS_COUNT]] = True
    by_class = []
    for c in range(CLASS_COUNT):
        pairs = int(((true_classes[i] == c) & (found_classes[j] == c)).sum())
        true, found = int((true_classes == c).sum()), int(((found_classes == c) & ~unlabelled).sum())
        by_class.append(measures.Detection.of(pairs, true, found))
    return FieldScores(
        measures.dice(truth.instances, nuclei),
        measures.panoptic_quality(truth.instances, nuclei),
        measures.Detection.of(len(i), len(true_ids), len(ids)),
        by_class,
    )


def summarise(fields: Sequence[FieldScores]) -> dict[str, float]:
    """Mean dice and PQ over fields, F_d over all their nuclei, and per labelled class 2TP / (2TP + FP + FN)."""
    scores = {
        "dice": float(np.mean([field.dice for field in fields])),
        "PQ": float(np.mean([field.quality for field in fields])),
        "F_d": sum((field.detection for field in fields), measures.Detection()).f1,
    }
    for c in range(1, CLASS_COUNT):
        counts = sum((field.by_class[c] for field in fields), measures.Detection())
        if counts.true_positive + counts.false_negative:
            scores[f"F {CLASS_NAMES[c]}"] = counts.f1
    return scores
