"""`import`: a checkpoint of HoVer-UNet's authors, or any with segmentation_models_pytorch's names, as one of ours."""

import os
from pathlib import Path

import torch

from ..models.load import encoder_of, load_student


def import_checkpoint(source: Path, out: Path) -> str:
    """Write the net under `model` to out; says which encoder it has."""
    state = load_student(source).state_dict()
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".part")
    torch.save({"model": state}, partial)
    os.replace(partial, out)
    return encoder_of(state)
