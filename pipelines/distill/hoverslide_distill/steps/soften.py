"""`soften`: a teacher's maps of every training field, from windows that overlap, so that the student sees them at any
place.

Teachers are HoverNets and students alike: a U-Net that is better than the one to be trained teaches it as well.
"""

from pathlib import Path

import numpy as np

from ..data.splits import split
from ..errors import DistillError
from ..evaluation.infer import Net
from ..models.unet import HEAD_CHANNELS
from ..progress import progress
from .fields import open_classifier


def starts(side: int, kept: int) -> list[int]:
    """Where windows of `kept` px begin so that they cover a side, the last one moved to its end. They overlap by half:
    each pixel is seen about four times.
    """
    if side <= kept:
        return [0]
    return sorted({*range(0, side - kept, kept // 2), side - kept})


def soft_maps(teacher: Net, image: np.ndarray, batch: int) -> np.ndarray:
    """Mean logits and HV of uint8 [h, w, 3], float16 [10, h, w]; the field is mirrored about its border."""
    height, width = image.shape[:2]
    kept, seen_side, margin = teacher.kept, teacher.patch, (teacher.patch - teacher.kept) // 2
    corners = [(y, x) for y in starts(height, kept) for x in starts(width, kept)]
    beyond = [(margin, max(kept - side, 0) + margin) for side in (height, width)]
    padded = np.pad(image, (*beyond, (0, 0)), "reflect")
    total = np.zeros((HEAD_CHANNELS, *(max(side, kept) for side in (height, width))), np.float32)
    seen = np.zeros(total.shape[1:], np.float32)
    for start in range(0, len(corners), batch):
        part = corners[start : start + batch]
        maps = teacher.run(np.stack([padded[y : y + seen_side, x : x + seen_side] for y, x in part]))
        for (y, x), out in zip(part, maps, strict=True):
            total[:, y : y + kept, x : x + kept] += out
            seen[y : y + kept, x : x + kept] += 1
    return (total / seen)[:, :height, :width].astype(np.float16)


def soften(store: Path, checkpoint: Path, batch: int, device_name: str | None) -> None:
    """Write soft.npy of every training field that has none; a kill costs at most one field."""
    teacher = open_classifier(checkpoint, device_name, "teacher", fast=True)
    if not teacher.has_logits:
        raise DistillError(f"{checkpoint}: expected a teacher that gives logits, found packed maps alone")
    training, _ = split(store)
    for field in progress([f for f in training if not f.has("soft")], "soften"):
        field.write("soft", soft_maps(teacher, np.array(field.read("image")), batch))
