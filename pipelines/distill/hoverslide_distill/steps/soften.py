"""`soften`: the teacher's maps of every training field, averaged over overlapping windows."""

from pathlib import Path

import numpy as np
import torch

from ..data.splits import split
from ..models.hovernet import MARGIN, OUT, PATCH
from ..models.load import load_teacher
from ..models.unet import HEAD_CHANNELS
from ..progress import progress
from ..training.device import autocast, pick_device, place, to_input

STRIDE = OUT // 2
"""Windows overlap by half: each pixel is seen about four times."""


def starts(side: int) -> list[int]:
    """Where windows of OUT px begin so that they cover a side, the last one moved to its end."""
    if side <= OUT:
        return [0]
    return sorted({*range(0, side - OUT, STRIDE), side - OUT})


def soft_maps(teacher: torch.nn.Module, image: np.ndarray, device: torch.device, batch: int) -> np.ndarray:
    """Mean logits and HV of uint8 [h, w, 3], float16 [10, h, w]; the field is mirrored about its border."""
    height, width = image.shape[:2]
    corners = [(y, x) for y in starts(height) for x in starts(width)]
    beyond = [(MARGIN, max(OUT - side, 0) + MARGIN) for side in (height, width)]
    padded = np.pad(image, (*beyond, (0, 0)), "reflect")
    total = np.zeros((HEAD_CHANNELS, *(max(side, OUT) for side in (height, width))), np.float32)
    seen = np.zeros(total.shape[1:], np.float32)
    for start in range(0, len(corners), batch):
        part = corners[start : start + batch]
        patches = torch.from_numpy(np.stack([padded[y : y + PATCH, x : x + PATCH] for y, x in part]))
        with torch.inference_mode(), autocast(device):
            maps = teacher(to_input(patches, device)).float().cpu().numpy()
        for (y, x), out in zip(part, maps, strict=True):
            total[:, y : y + OUT, x : x + OUT] += out
            seen[y : y + OUT, x : x + OUT] += 1
    return (total / seen)[:, :height, :width].astype(np.float16)


def soften(store: Path, checkpoint: Path, batch: int, device_name: str | None) -> None:
    """Write soft.npy of every training field that has none; a kill costs at most one field."""
    device = pick_device(device_name)
    teacher = place(load_teacher(checkpoint), device)
    training, _ = split(store)
    for field in progress([f for f in training if not f.has("soft")], "soften"):
        field.write("soft", soft_maps(teacher, np.array(field.read("image")), device, batch))
