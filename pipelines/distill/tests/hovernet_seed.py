"""HoVer-Nets with made-up weights, the same on every machine, and what hover_net's own code makes of them.

`hovernet.json` holds, per mode and classes, names and shapes of hover_net's tensors (as a hash), and its outputs for
one patch. To make it anew: `python hovernet_seed.py <checkout of vqdang/hover_net> > hovernet.json`.
"""

import hashlib
import json
import sys
import types
import zlib
from pathlib import Path

import numpy as np
import torch
from hoverslide_distill.models.hovernet import HoverNet
from hoverslide_distill.models.hovernet_names import UNUSED, hovernet_name

TABLE = Path(__file__).with_name("hovernet.json")
KINDS = {"fast 6": ("fast", 6, 112), "fast 0": ("fast", 0, 112), "original 5": ("original", 5, 206)}
"""Mode, class channels, side of the patch: as small as the margins allow."""
PICKED = 8


def seeded(name: str, shape: torch.Size) -> torch.Tensor:
    """Weights and statistics as after training, from the tensor's (our) name alone."""
    draw = np.random.RandomState(zlib.crc32(name.encode()))  # its streams never change
    kind = name.rpartition(".")[2]
    if kind == "num_batches_tracked":
        return torch.tensor(1)
    if kind == "running_var" or (kind == "weight" and len(shape) == 1):
        values = draw.uniform(0.5, 1.5, shape)
    elif len(shape) == 1:
        values = draw.uniform(-0.2, 0.2, shape)
    else:
        bound = (3 / np.prod(shape[1:])) ** 0.5
        values = draw.uniform(-bound, bound, shape)
    return torch.from_numpy(np.asarray(values, np.float32))


def seeded_hovernet(mode: str, classes: int) -> HoverNet:
    with torch.device("meta"):
        model = HoverNet(mode, classes).eval()
    model.load_state_dict({n: seeded(n, value.shape) for n, value in model.state_dict().items()}, assign=True)
    return model


def seeded_patch(side: int) -> torch.Tensor:
    """uint8 [1, 3, side, side]"""
    return torch.from_numpy(np.random.RandomState(side).randint(0, 256, (1, 3, side, side)).astype(np.uint8))


def fingerprint(shapes: dict[str, torch.Size]) -> str:
    """Of names and shapes."""
    text = json.dumps(sorted((name, list(shape)) for name, shape in shapes.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def digest(output: torch.Tensor) -> dict:
    """Of one branch's output [1, c, h, w]."""
    flat = output.double().flatten()
    places = np.linspace(0, len(flat) - 1, PICKED).astype(int)
    return {"shape": list(output.shape), "norm": flat.norm().item(), "values": flat[places].tolist()}


def describe(checkout: Path) -> dict:
    """What hover_net's code makes of the seeded weights, which must be bit for bit what ours makes."""
    # They read data sets and draw; the net needs neither.
    sys.modules |= {"config": types.SimpleNamespace(Config=None), "matplotlib": types.SimpleNamespace(cm=None)}
    sys.path.insert(0, str(checkout))
    from models.hovernet.net_desc import create_model

    described = {}
    for kind, (mode, classes, side) in KINDS.items():
        theirs = create_model(mode=mode, nr_types=classes or None, input_ch=3).eval()
        shapes = {name: value.shape for name, value in theirs.state_dict().items()}
        state = {n: seeded(hovernet_name(n), s) for n, s in shapes.items() if n != UNUSED}
        theirs.load_state_dict(state | {UNUSED: torch.ones(2, 2)})
        with torch.no_grad():
            found = theirs(seeded_patch(side).float())
            ours = seeded_hovernet(mode, classes)(seeded_patch(side).float() / 255)
        parts = {name: found[name] for name in ("np", "hv", "tp") if name in found}
        assert torch.cat(list(parts.values()), 1).equal(ours), f"{kind}: not bit for bit"
        outputs = {name: digest(part) for name, part in parts.items()}
        described[kind] = {"tensors": len(shapes), "names": fingerprint(shapes), "outputs": outputs}
    return described


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps(describe(Path(sys.argv[1])), indent=1))
