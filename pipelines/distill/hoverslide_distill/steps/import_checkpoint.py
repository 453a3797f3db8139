"""`import`: a checkpoint of other hands as one of ours, with what is said of it.

HoVer-UNet's authors' (or any with segmentation_models_pytorch's names), and HoVer-Nets of hover_net and TIAToolbox, of
both modes, with any classes or none.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from ..data.classes import TABLES, NucleusClass, check_count
from ..errors import DistillError
from ..models.hovernet import MODES
from ..models.load import encoder_of, from_hover_net, holds_hover_net, hovernet_of, load_student, read_state
from .about import About, imported


def read_foreign(source: Path) -> tuple[dict[str, Tensor], str, int]:
    """State dict under our names, what net it is, its class channels; DistillError where the file holds neither net."""
    state = read_state(source)
    if not holds_hover_net(state):
        student = load_student(source)
        state = student.state_dict()
        return state, f"U-Net with MiT-{encoder_of(state).upper()}", len(TABLES["pannuke"]) + 1
    try:
        model = hovernet_of(from_hover_net(state))
    except (DistillError, RuntimeError) as error:
        raise DistillError(f"{source}: {error}") from error
    mode = next(name for name, mode in MODES.items() if mode == model.mode)
    return model.state_dict(), f"HoVer-Net, {mode}", model.types


def import_checkpoint(
    source: Path, out: Path, classes: Sequence[NucleusClass] | None = None, **said: str | float | None
) -> tuple[str, About]:
    """Write the net under `model`, and what is said of it, to out; gives what net it is. Without classes, six class
    channels are PanNuke's, none are an untyped net's, and others are refused.
    """
    state, kind, channels = read_foreign(source)
    if classes is None:
        classes = () if channels == 0 else TABLES["pannuke"]
    check_count(classes, channels, str(source))
    about = imported(source, tuple(classes), **said)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".part")
    torch.save({"model": state, "about": about.plain()}, partial)
    os.replace(partial, out)
    return kind, about
