"""Fields in the form `<set>/train/images/<name>.*` with `labels/<name>.instances.png` and `.types.png`,
or `.nuclei.png`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..errors import DistillError
from . import labels, tissue
from .assemble import Labelled, double_image, from_instances, from_merged_mask

MPP = {"lizard": 0.5}  # all others 0.25


@dataclass(frozen=True)
class PackField:
    """One image and the labels beside it."""

    set: str
    name: str
    image: Path

    def label_path(self, kind: str) -> Path:
        return self.image.parent.parent / "labels" / f"{self.name}.{kind}.png"

    @property
    def mpp(self) -> float:
        return MPP.get(self.set, 0.25)

    def read_pixels(self) -> np.ndarray:
        """The image alone, uint8 [h, w, 3], at 0.25 um/px."""
        image = read_image(self.image)
        return double_image(image) if self.mpp == 0.5 else image

    def read(self) -> Labelled:
        image = read_image(self.image)
        merged = self.label_path("nuclei")
        code = tissue.nucleus_code(self.set, self.name)
        if merged.exists():
            return from_merged_mask(image, read_label(merged) > 0, code)
        instances = read_label(self.label_path("instances"))
        typed = self.label_path("types")
        if not typed.exists():
            return from_instances(image, instances, np.zeros_like(instances, np.uint8), {0: code}, self.mpp)
        return from_instances(image, instances, read_label(typed), self.class_codes(), self.mpp)

    def class_codes(self) -> dict[int, int]:
        """The set's own class ids to label codes; a set that is not known here is taken to use PanNuke's ids."""
        if self.set == "consep":
            return labels.CONSEP
        if self.set == "lizard":
            graded = json.loads((self.image.parents[2] / "epithelium.json").read_text())
            return labels.lizard(graded[self.name]["epithelium"] if self.name in graded else "unknown")
        return labels.PANNUKE


def find_pack_fields(root: Path, split: str = "train") -> list[PackField]:
    """Images of a split under root, sorted by set and name; DistillError where there are none."""
    images = sorted(root.glob(f"*/{split}/images/*"))
    if not images:
        raise DistillError(f"{root}: expected <set>/{split}/images/*, found none")
    return [PackField(path.parts[-4], path.stem, path) for path in images]


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
