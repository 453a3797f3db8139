"""Prepared fields on disk: plain .npy files, read memory-mapped,
so that nothing is decoded twice and a start is instant.

    <store>/<set>/<name>.image.npy      uint8 [h, w, 3] RGB
    <store>/<set>/<name>.label.npy      uint8 [h, w], codes of `labels`
    <store>/<set>/<name>.hv.npy         int8 [h, w, 2], `targets.hv_maps`
    <store>/<set>/<name>.instances.npy  int32 [h, w]; absent where nuclei are merged
    <store>/<set>/<name>.nuclei.npy     int32 [n, 3]: row, column, code of each nucleus, for class-balanced sampling
    <store>/<set>/<name>.hv-authors.npy int8 [h, w, 2], the same in the authors' form; absent until it is trained in
    <store>/<set>/<name>.soft.npy       float16 [10, h, w], the teacher's logits and HV; absent until `soften`

All at 0.25 um/px. A field counts as prepared once its nuclei.npy, written last, is there.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from .assemble import Labelled


@dataclass(frozen=True)
class Field:
    store: Path
    set: str
    name: str

    def path(self, part: str) -> Path:
        return self.store / self.set / f"{self.name}.{part}.npy"

    def has(self, part: str) -> bool:
        return self.path(part).exists()

    def read(self, part: str) -> np.ndarray:
        return np.load(self.path(part), mmap_mode="r")

    def write(self, part: str, array: np.ndarray) -> None:
        path = self.path(part)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        with open(partial, "wb") as file:
            np.save(file, array)
        os.replace(partial, path)


def write_field(field: Field, labelled: Labelled) -> None:
    """Write every part of a field; without instances the nuclei are the connected components of the label."""
    field.write("image", labelled.image)
    field.write("label", labelled.label)
    field.write("hv", labelled.hv)
    instances = labelled.instances
    if instances is None:
        instances = components(labelled.label)
    else:
        field.write("instances", instances)
    write_nuclei(field, instances, labelled.label)


def components(label: np.ndarray) -> np.ndarray:
    """Ids [h, w] of nuclei of which only the mask is known, in label codes: those that touch are one."""
    return ndimage.label(label > 0)[0]


def write_nuclei(field: Field, instances: np.ndarray, label: np.ndarray) -> None:
    """Write nuclei.npy of ids and label codes [h, w]."""
    ids = np.unique(instances)
    ids = ids[ids > 0]
    centres = np.array(ndimage.center_of_mass(instances > 0, instances, ids)).reshape(-1, 2)
    codes = ndimage.maximum(label, instances, ids)
    field.write("nuclei", np.column_stack([centres, codes]).astype(np.int32).reshape(-1, 3))


def open_store(store: Path) -> list[Field]:
    """The prepared fields, sorted by set and name."""
    return [
        Field(store, path.parent.name, path.name.removesuffix(".nuclei.npy"))
        for path in sorted(store.glob("*/*.nuclei.npy"))
    ]
