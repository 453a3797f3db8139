"""PanNuke as its authors publish it: `<fold>/images/<fold>/images.npy` [n, 256, 256, 3],
`<fold>/masks/<fold>/masks.npy` [n, 256, 256, 6].

A mask's first five channels hold the instance ids of one class each, in the order of the class ids 1..5;
the last is background.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DistillError
from . import labels
from .assemble import Labelled, from_instances


@dataclass(frozen=True)
class PannukeField:
    set: str
    name: str
    images: Path
    masks: Path
    index: int

    def read(self) -> Labelled:
        image = np.load(self.images, mmap_mode="r")[self.index].astype(np.uint8)
        instances, types = merge_channels(np.load(self.masks, mmap_mode="r")[self.index])
        return from_instances(image, instances, types, labels.PANNUKE, mpp=0.25)


def merge_channels(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[h, w, 6] -> instance ids 1.. and class ids, both [h, w].
    Ids start anew in each channel; where two claim a pixel, the later class has it.
    """
    instances = np.zeros(mask.shape[:2], np.int32)
    types = np.zeros(mask.shape[:2], np.uint8)
    count = 0
    for channel in range(5):
        ids, dense = np.unique(mask[..., channel], return_inverse=True)
        dense = dense.reshape(instances.shape) + (0 if ids[0] == 0 else 1)
        inside = dense > 0
        instances[inside] = dense[inside] + count
        types[inside] = channel + 1
        count += int(dense.max())
    return instances, types


def find_pannuke_fields(root: Path) -> list[PannukeField]:
    """Every tile of every fold under root, in order."""
    fields = []
    for images in sorted(root.glob("**/images.npy")):
        masks = sorted(images.parents[2].glob("masks/**/masks.npy"))
        if len(masks) != 1:
            raise DistillError(f"{images}: expected one masks/**/masks.npy beside it, found {len(masks)}")
        fold = images.parent.name
        count = len(np.load(images, mmap_mode="r"))
        fields += [PannukeField("pannuke", f"{fold}_{i:05d}", images, masks[0], i) for i in range(count)]
    if not fields:
        raise DistillError(f"{root}: expected PanNuke folds with images.npy, found none")
    return fields
