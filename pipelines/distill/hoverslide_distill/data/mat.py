"""CoNSeP and Lizard as their authors publish them: images as PNG, labels as MATLAB files of the same name."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.io import loadmat

from ..errors import DistillError
from . import labels
from .assemble import Labelled, from_instances
from .packs import read_image


@dataclass(frozen=True)
class MatField:
    set: str
    name: str
    image: Path
    mat: Path

    def read(self) -> Labelled:
        content = loadmat(self.mat)
        if "inst_map" not in content:
            raise DistillError(f"{self.mat}: expected a variable inst_map, found {sorted(content)}")
        instances = content["inst_map"].astype(np.int32)
        if "type_map" in content:
            return from_instances(
                read_image(self.image), instances, content["type_map"].astype(np.uint8), labels.CONSEP, 0.25
            )
        # Lizard lists a class per nucleus, and does not say which epithelium is neoplastic.
        class_of = np.zeros(instances.max() + 1, np.uint8)
        class_of[content["id"].ravel()] = content["class"].ravel()
        return from_instances(read_image(self.image), instances, class_of[instances], labels.lizard("unknown"), 0.5)


def find_mat_fields(root: Path, set_name: str) -> list[MatField]:
    """Every .mat file under root (but in a folder named Test) with the PNG of its name, sorted."""
    images = {path.stem: path for path in sorted(root.glob("**/*.png")) if "Overlay" not in path.parts}
    fields = []
    for mat in sorted(root.glob("**/*.mat")):
        if "Test" in mat.parts:
            continue
        if mat.stem not in images:
            raise DistillError(f"{mat}: expected an image {mat.stem}.png under {root}, found none")
        fields.append(MatField(set_name, mat.stem, images[mat.stem], mat))
    if not fields:
        raise DistillError(f"{root}: expected .mat label files, found none")
    return fields
