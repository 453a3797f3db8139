"""`checkpoint`: what of a run must survive its machine, in one small file that `--init` takes; or of two runs from one
start the mean, which can have what each learned (Wortsman et al. 2022).
"""

import os
from pathlib import Path

import torch
from torch import Tensor

from ..models.load import encoder_of, load_student


def mean_of(state: dict[str, Tensor], other: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """The mean of two nets' tensors, of which the other has that share; counts are the first one's."""
    return {name: v.lerp(other[name], share) if v.is_floating_point() else v for name, v in state.items()}


def shrink_checkpoint(source: Path, out: Path, other: Path | None = None, share: float = 0.5) -> dict[str, str | int]:
    """Write a student's averaged weights, in float16 but for norms, biases and statistics, with the number of steps
    behind them, and what `import` said of it. other: a student with the same encoder that has a share of each weight.
    """
    state = load_student(source).state_dict()
    if other:
        state = mean_of(state, load_student(other, encoder_of(state)).state_dict(), share)
    content = torch.load(source, map_location="cpu", weights_only=True)
    steps = content.get("step", content.get("steps", 0))
    small = {name: value.half() if value.dim() > 1 else value for name, value in state.items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".part")
    about = {"about": content["about"]} if "about" in content else {}
    torch.save({"ema": small, "steps": steps, **about}, partial)
    os.replace(partial, out)
    return {"encoder": encoder_of(state), "steps": steps, "bytes": out.stat().st_size}
