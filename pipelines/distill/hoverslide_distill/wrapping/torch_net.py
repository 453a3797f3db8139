"""A foreign net in PyTorch's own forms, TorchScript (.ts) or torch.export (.pt2), with bytes before and maps behind."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..errors import DistillError, first_line
from .onnx_net import output_names
from .packing import Before, Behind, prepared
from .spec import Spec


def read_module(path: Path) -> nn.Module:
    """The net, on the CPU; DistillError where the file is of neither form."""
    try:
        if path.suffix == ".pt2":
            module = torch.export.load(path).module()
            module.train = lambda mode=True: module  # it refuses modes, also evaluation
            return module
        return torch.jit.load(path, map_location="cpu").eval()
    except Exception as error:  # whatever unpacking and unpickling raise
        raise DistillError(
            f"{path}: expected a file of torch.jit.save (.ts) or torch.export.save (.pt2): {first_line(error)}"
        ) from error


class Picked(nn.Module):
    """The outputs of np, hv and perhaps types, of a net that gives one map, a tuple or a dictionary of them."""

    def __init__(self, net: nn.Module, spec: Spec, path: Path):
        super().__init__()
        self.net, self.spec, self.path = net, spec, path

    def forward(self, x: Tensor) -> list[Tensor]:
        found = self.net(x)
        if isinstance(found, Tensor):
            found = (found,)
        named = dict(found) if isinstance(found, Mapping) else {str(i): part for i, part in enumerate(found)}
        return [named[name] for name in output_names(list(named), self.spec, self.path)]


class Wrapped(nn.Module):
    def __init__(self, picked: Picked, spec: Spec):
        super().__init__()
        self.before, self.picked, self.behind = Before(spec.pixels), picked, Behind(spec)

    def forward(self, image: Tensor) -> Tensor:
        return self.behind(*self.picked(self.before(image)))


def torch_source(picked: Picked, spec: Spec) -> Callable[[np.ndarray], list[np.ndarray]]:
    """As `onnx_source`."""

    def run(patches: np.ndarray) -> list[np.ndarray]:
        try:
            with torch.inference_mode():
                found = [picked(torch.from_numpy(prepared(patch[None], spec.pixels))) for patch in patches]
        except RuntimeError as error:
            raise DistillError(
                f"{picked.path}: does not run on what the spec says it takes: {first_line(error)}"
            ) from error
        return [torch.cat(parts).numpy() for parts in zip(*found, strict=True)]

    return run
