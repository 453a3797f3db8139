"""`checkpoint`: what of a run must survive its machine, in one small file that `--init` takes."""

import os
from pathlib import Path

import torch

from ..models.load import encoder_of, load_student


def shrink_checkpoint(source: Path, out: Path) -> dict[str, str | int]:
    """Write a student's averaged weights, in float16 but for norms, biases and statistics, with the number of steps
    behind them, and what `import` said of it.
    """
    state = load_student(source).state_dict()
    content = torch.load(source, map_location="cpu", weights_only=True)
    steps = content.get("step", content.get("steps", 0))
    small = {name: value.half() if value.dim() > 1 else value for name, value in state.items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".part")
    about = {"about": content["about"]} if "about" in content else {}
    torch.save({"ema": small, "steps": steps, **about}, partial)
    os.replace(partial, out)
    return {"encoder": encoder_of(state), "steps": steps, "bytes": out.stat().st_size}
