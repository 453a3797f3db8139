"""What goes before and behind a foreign net: bytes to what it takes, what it gives to packed maps. In PyTorch for the
graph, and in NumPy for the check of the graph.
"""

import numpy as np
import torch
from torch import Tensor, nn

from ..data.classes import check_count
from ..errors import DistillError
from ..evaluation.infer import pack_maps
from ..models.packed import pack
from .spec import Head, Pixels, Spec

MOST_BEYOND = 0.3
"""Share of the nuclei's pixels with a distance that the byte cannot hold: trained nets have next to none, those that
give distances in pixels or hundredths nearly all."""
FLOATS = {"float32": torch.float32, "float16": torch.float16}


class Before(nn.Module):
    """uint8 [n, patch, patch, 3] RGB -> what the net takes."""

    def __init__(self, pixels: Pixels):
        super().__init__()
        self.pixels = pixels
        self.register_buffer("mean", torch.tensor(pixels.mean, dtype=torch.float32))
        self.register_buffer("std", torch.tensor(pixels.std, dtype=torch.float32))

    def forward(self, image: Tensor) -> Tensor:
        x = image
        if self.pixels.type != "uint8":
            x = ((x.float() * self.pixels.scale - self.mean) / self.std).to(FLOATS[self.pixels.type])
        return x.permute(0, 3, 1, 2) if self.pixels.layout == "nchw" else x


def prepared(patches: np.ndarray, pixels: Pixels) -> np.ndarray:
    """The same in NumPy."""
    x = patches
    if pixels.type != "uint8":
        x = (x.astype(np.float64) * pixels.scale - pixels.mean) / pixels.std
        x = x.astype(pixels.type)
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if pixels.layout == "nchw" else x


def part_of(output: Tensor | np.ndarray, head: Head, spec: Spec) -> Tensor | np.ndarray:
    """A head's channels of the middle of a patch, [n, c, kept, kept]."""
    if spec.layout == "nhwc":
        output = output.transpose(0, 3, 1, 2) if isinstance(output, np.ndarray) else output.permute(0, 3, 1, 2)
    start, stop = head.channels or (0, int(output.shape[1]))
    first = (int(output.shape[2]) - spec.kept) // 2
    inner = slice(first, first + spec.kept)
    return output[:, start:stop, inner, inner]


class Behind(nn.Module):
    """The net's outputs np, hv and perhaps types -> maps uint8 [n, kept, kept, 4]."""

    def __init__(self, spec: Spec):
        super().__init__()
        self.spec = spec

    def forward(self, nucleus: Tensor, hv: Tensor, types: Tensor | None = None) -> Tensor:
        spec = self.spec
        nucleus = part_of(nucleus, spec.np, spec).float()
        if spec.np.activation == "logits":
            lesser = nucleus[:, :1] if nucleus.shape[1] == 2 else 0
            nucleus = torch.sigmoid(nucleus[:, -1:] - lesser)
        nucleus = nucleus[:, -1:].clamp(0, 1)
        hv = part_of(hv, spec.hv, spec).float() * spec.hv.scale
        if spec.hv.order == "vh":
            hv = hv.flip(1)
        classes = nucleus[:, :0]
        if types is not None:
            classes = part_of(types, spec.types, spec).float()
            if not spec.types.background:
                # Background as less than all: whether a pixel is a nucleus, np alone says.
                classes = torch.cat([classes.amin(1, keepdim=True) - 1, classes], 1)
        return pack(nucleus, hv, classes)


def expected_maps(outputs: list[np.ndarray], spec: Spec) -> np.ndarray:
    """The same in NumPy, written anew; DistillError where the outputs are not what the spec says of them."""
    heads = [spec.np, spec.hv] + ([spec.types] if spec.types else [])
    parts = [checked_part(output, head, spec).astype(np.float64) for output, head in zip(outputs, heads, strict=True)]
    nucleus = probability(parts[0], spec.np)
    hv = parts[1] * spec.hv.scale
    h, v = (hv[:, 0], hv[:, 1]) if spec.hv.order == "hv" else (hv[:, 1], hv[:, 0])
    beyond = np.abs(hv).max(1)[nucleus >= 0.5] > 1.28
    if beyond.size and beyond.mean() > MOST_BEYOND:
        found = f"{beyond.mean():.0%} of the nuclei's pixels beyond it, up to {np.abs(hv).max():.3g}"
        raise DistillError(f"{spec.hv.where}.scale: expected one that brings distances to -1..1, found {found}")
    if not spec.types:
        classes = nucleus >= 0.5
    else:
        check_count(spec.classes, parts[2].shape[1] + (not spec.types.background), spec.types.where)
        classes = parts[2].argmax(1) + (not spec.types.background)
    return pack_maps(nucleus, h, v, classes)


def checked_part(output: np.ndarray, head: Head, spec: Spec) -> np.ndarray:
    shape = output.shape
    sides = shape[2:] if spec.layout == "nchw" else shape[1:3]
    if len(shape) != 4 or sides[0] != sides[1] or sides[0] < spec.kept or (sides[0] - spec.kept) % 2:
        expected = f"maps [n, c, h, w] ({spec.layout}) of at least {spec.kept} px with an even margin"
        raise DistillError(f"{head.where}.output: expected {expected}, found {list(shape)}")
    channels = shape[1] if spec.layout == "nchw" else shape[3]
    if head.channels and head.channels[1] > channels:
        raise DistillError(f"{head.where}.channels: expected at most {channels}, found {list(head.channels)}")
    part = part_of(output, head, spec)
    allowed = {id(spec.np): (1, 2), id(spec.hv): (2,)}.get(id(head))
    if allowed and part.shape[1] not in allowed:
        expected = " or ".join(map(str, allowed))
        raise DistillError(
            f"{head.where}: expected {expected} channels, found {part.shape[1]}: name them in 'channels'"
        )
    return part


def probability(part: np.ndarray, head: Head) -> np.ndarray:
    """Of a nucleus [n, h, w]; DistillError where values contradict the activation that the spec names."""
    low, high = float(part.min()), float(part.max())
    bounded = low >= -1e-3 and high <= 1 + 1e-3
    if head.activation != "logits":
        if not bounded or (head.activation == "softmax" and part.shape[1] != 2):
            found = f"{part.shape[1]} channels of {low:.3g} to {high:.3g}"
            raise DistillError(
                f"{head.where}.activation: expected probabilities after {head.activation}, found {found}"
            )
        return np.clip(part[:, -1], 0, 1)
    if bounded and part.shape[1] == 2 and np.abs(part.sum(1) - 1).max() < 1e-3:
        raise DistillError(f"{head.where}.activation: expected logits, found channels that add to 1: softmax?")
    lesser = part[:, 0] if part.shape[1] == 2 else 0
    return 1 / (1 + np.exp(lesser - part[:, -1]))
