"""Measures of a net over fields with instances: the same for validation, for the card and for comparisons."""

from collections.abc import Iterable
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


def validate(outputs: Iterable[tuple[np.ndarray, Truth]], ranges: Ranges | None) -> dict[str, float]:
    """Mean dice and PQ over fields, F_d over all their nuclei, and per class 2TP / (2TP + FP + FN),
    a wrong class being a miss and a false find; matches whose class is not labelled count for neither.
    """
    dices, qualities = [], []
    detection = measures.Detection()
    by_class = [measures.Detection() for _ in range(CLASS_COUNT)]
    for output, truth in outputs:
        nuclei, classes = find_nuclei(output, ranges)
        dices.append(measures.dice(truth.instances, nuclei))
        qualities.append(measures.panoptic_quality(truth.instances, nuclei))
        true_ids, true_classes = nucleus_classes(truth.instances, truth.label)
        ids, found_classes = nucleus_classes(nuclei, classes)
        i, j = measures.match(measures.centroids(truth.instances, true_ids), measures.centroids(nuclei, ids))
        detection.add(len(i), len(true_ids), len(ids))
        unlabelled = np.zeros(len(ids), bool)
        unlabelled[j[true_classes[i] >= CLASS_COUNT]] = True
        for c in range(1, CLASS_COUNT):
            pairs = ((true_classes[i] == c) & (found_classes[j] == c)).sum()
            by_class[c].add(int(pairs), int((true_classes == c).sum()), int(((found_classes == c) & ~unlabelled).sum()))
    scores = {"dice": float(np.mean(dices)), "PQ": float(np.mean(qualities)), "F_d": detection.f1}
    labelled = [c for c in range(1, CLASS_COUNT) if by_class[c].true_positive + by_class[c].false_negative]
    return scores | {f"F {CLASS_NAMES[c]}": by_class[c].f1 for c in labelled}
