"""Fields in the form `<set>/<split>/images/<name>.*` with `labels/<name>.instances.png`, `.types.png` or `.nuclei.png`."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from scipy import ndimage

from ..errors import DistillError
from . import labels, targets

DOUBLED_SETS = ("lizard",)  # 0.5 um/px
SOLID = 0.93  # components of a bilevel mask that are more convex than this are taken for one nucleus
SINGLE_NUCLEUS_AREA = range(30, 4000)  # px at 0.25 um/px


@dataclass(frozen=True)
class Source:
    """One image and the labels beside it."""

    set: str
    name: str
    image: Path

    def label_path(self, kind: str) -> Path:
        return self.image.parent.parent / "labels" / f"{self.name}.{kind}.png"


def find_sources(root: Path) -> list[Source]:
    """Images of the train splits under root, sorted. A test split is never prepared for training."""
    images = sorted(root.glob("*/train/images/*"))
    if not images:
        raise DistillError(f"{root}: expected <set>/train/images/*, found none")
    return [Source(path.parts[-4], path.stem, path) for path in images]


def read_image(path: Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise DistillError(f"{path}: expected an image, could not decode it")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def read_label(path: Path) -> np.ndarray:
    label = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if label is None:
        raise DistillError(f"{path}: expected a label PNG, could not decode it")
    return label


def class_codes(source: Source) -> dict[int, int]:
    """The set's own class ids to label codes; a set that is not known here is taken to use PanNuke's ids."""
    if source.set == "consep":
        return labels.CONSEP
    if source.set == "lizard":
        grades = json.loads((source.image.parents[2] / "epithelium.json").read_text())
        return labels.lizard(grades[source.name]["epithelium"] if source.name in grades else "unknown")
    return labels.PANNUKE


def read_source(source: Source) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """Image, label codes, HV and instances (None where merged) of one source, at 0.25 um/px."""
    image = read_image(source.image)
    merged = source.label_path("nuclei")
    if merged.exists():
        label, hv = from_merged_mask(read_label(merged) > 0)
        return image, label, hv, None
    instances = read_label(source.label_path("instances")).astype(np.int32)
    types_path = source.label_path("types")
    types = read_label(types_path) if types_path.exists() else None
    label = labels.encode(instances, types, class_codes(source))
    if source.set in DOUBLED_SETS:
        image = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        code_of = np.zeros(instances.max() + 1, np.uint8)
        code_of[instances] = label
        instances = targets.double(instances).astype(np.int32)
        label = code_of[instances]
    return image, label, targets.hv_maps(instances), instances


def from_merged_mask(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Label codes and HV of a mask in which touching nuclei are one: HV only where a component is plainly one nucleus."""
    components, _ = ndimage.label(mask)
    label = np.where(mask, labels.NUCLEUS, 0).astype(np.uint8)
    unknown = np.zeros(mask.shape, bool)
    for index, box in enumerate(ndimage.find_objects(components), start=1):
        component = components[box] == index
        if component.sum() not in SINGLE_NUCLEUS_AREA or targets.solidity(component) < SOLID:
            unknown[box] |= component
    hv = targets.hv_maps(np.where(unknown, 0, components))
    hv[unknown] = targets.HV_UNKNOWN
    return label, hv
