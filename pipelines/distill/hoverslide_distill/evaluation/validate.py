"""Measures of a net over fields with instances: the same for validation, for the card and for comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

from ..data.labels import ALLOWED, CLASS_COUNT, CLASS_NAMES, IGNORE, NUCLEUS
from ..models.unet import HV
from . import measures
from .infer import pack, probabilities
from .postprocess import Ranges, nucleus_classes, reference, seamless


@dataclass(frozen=True)
class Truth:
    """instances int [h, w], None where touching nuclei are one in the label; label codes uint8 [h, w]."""

    instances: np.ndarray | None
    label: np.ndarray


def find_nuclei(output: np.ndarray, ranges: Ranges | None) -> tuple[np.ndarray, np.ndarray]:
    """Nuclei and class map of a net's channels: `seamless` on packed maps with ranges,
    `reference` on float maps without.
    """
    if ranges is not None:
        packed = pack(output)
        return seamless(packed, ranges), packed[..., 3]
    np_map, h, v, classes = probabilities(output)
    return reference(np_map, h, v), classes


@dataclass(frozen=True)
class FieldScores:
    """by_class and class_quality: counts and PQ of each class id, PQ being nan where the truth has none of it. What is
    found on a nucleus whose class is not labelled counts for no class. classed and allowed: nuclei found where the
    label says something of the class, and those of them whose class it allows. Without instances there are dice and
    these alone.
    """

    dice: float
    quality: float = float("nan")
    detection: measures.Detection | None = None
    classed: int = 0
    allowed: int = 0
    by_class: list[measures.Detection] = field(default_factory=lambda: [measures.Detection()] * CLASS_COUNT)
    class_quality: list[float] = field(default_factory=lambda: [float("nan")] * CLASS_COUNT)


def score_field(output: np.ndarray, truth: Truth, ranges: Ranges | None) -> FieldScores:
    """Measures of a net's channels of one field, `seamless` with ranges and `reference` without; of nuclei alone where
    it has no class channels.
    """
    nuclei, classes = find_nuclei(output, ranges)
    has_classes = len(output) > HV.stop
    if truth.instances is None:
        found = nucleus_classes(nuclei, classes)
        classed, allowed = count_allowed(nuclei, *found, truth.label) if has_classes else (0, 0)
        return FieldScores(measures.dice(truth.label, nuclei), classed=classed, allowed=allowed)
    scores = score_nuclei(nuclei, classes, truth)
    return scores if has_classes else FieldScores(scores.dice, scores.quality, scores.detection)


def count_allowed(nuclei: np.ndarray, ids: np.ndarray, found: np.ndarray, label: np.ndarray) -> tuple[int, int]:
    """Of the nuclei most of whose pixels are labelled, and not as nuclei of any class: how many there are, and how many
    have a class that the label allows. Nuclei and label codes [h, w], ids and found classes [n].
    """
    _, codes = nucleus_classes(nuclei, label)
    judged = ndimage.mean(label > 0, nuclei, ids) > 0.5
    judged &= (codes != NUCLEUS) & (codes != IGNORE)
    return int(judged.sum()), int(ALLOWED[codes[judged], found[judged]].sum())


def score_nuclei(nuclei: np.ndarray, classes: np.ndarray, truth: Truth) -> FieldScores:
    """Measures of ids and class map [h, w]; per class, a wrong class is a miss and a false find."""
    true_ids, true_classes = nucleus_classes(truth.instances, truth.label)
    ids, found_classes = nucleus_classes(nuclei, classes)
    i, j = measures.match(measures.centroids(truth.instances, true_ids), measures.centroids(nuclei, ids))
    judged = np.ones(len(ids), bool)
    judged[j[true_classes[i] >= CLASS_COUNT]] = False
    iou = measures.overlaps(truth.instances, nuclei)
    by_class, class_quality = [], []
    for c in range(CLASS_COUNT):
        true, found = true_classes == c, (found_classes == c) & judged
        pairs = int((true[i] & found[j]).sum())
        by_class.append(measures.Detection.of(pairs, int(true.sum()), int(found.sum())))
        class_quality.append(measures.quality(iou[true][:, found]) if true.any() else float("nan"))
    return FieldScores(
        measures.dice(truth.instances, nuclei),
        measures.quality(iou),
        measures.Detection.of(len(i), len(true_ids), len(ids)),
        *count_allowed(nuclei, ids, found_classes, truth.label),
        by_class,
        class_quality,
    )


def summarise(fields: Sequence[FieldScores]) -> dict[str, float]:
    """Mean dice and PQ over fields, F_d over all their nuclei, `class`, the share of those found on labelled ones whose
    class the label allows, and per labelled class 2TP / (2TP + FP + FN). mPQ, as PanNuke has it: the mean over a
    field's classes, then over fields with any.
    """
    by_field = [np.nanmean(field.class_quality) for field in fields if not np.isnan(field.class_quality).all()]
    scores = {"dice": float(np.mean([field.dice for field in fields]))}
    known = [field for field in fields if field.detection]
    if known:
        scores |= {
            "PQ": float(np.mean([field.quality for field in known])),
            **({"mPQ": float(np.mean(by_field))} if by_field else {}),
            "F_d": sum((field.detection for field in known), measures.Detection()).f1,
        }
    if classed := sum(field.classed for field in fields):
        scores["class"] = sum(field.allowed for field in fields) / classed
    for c in range(1, CLASS_COUNT):
        counts = sum((field.by_class[c] for field in fields), measures.Detection())
        if counts.true_positive + counts.false_negative:
            scores[f"F {CLASS_NAMES[c]}"] = counts.f1
    return scores


def summarise_sets(fields: Sequence[tuple[str, FieldScores]]) -> dict[str, dict[str, float]]:
    """The summary of each set's fields, given with the set's name, and under `mean` each measure's mean over the sets
    that have it.
    """
    by_set = {name: summarise([f for of, f in fields if of == name]) for name in dict.fromkeys(of for of, _ in fields)}
    measured = dict.fromkeys(measure for scores in by_set.values() for measure in scores)
    mean = {m: float(np.mean([scores[m] for scores in by_set.values() if m in scores])) for m in measured}
    return by_set | {"mean": mean}
