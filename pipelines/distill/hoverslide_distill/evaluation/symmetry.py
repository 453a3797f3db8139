"""Test-time symmetry: a net's mean answer over flips and turns of what it sees, each turned back."""

from dataclasses import replace
from itertools import product

import numpy as np

from ..models.unet import HV
from .infer import Net


def turns(count: int) -> list[tuple[bool, bool, bool]]:
    """Of each of 1, 2, 4 or 8 symmetries: transposed first, then flipped in x, in y. As it is; mirrored left to right;
    also top to bottom; also transposed.
    """
    flips = [(x, y) for y, x in product((False, True), repeat=2)][: min(count, 4)]
    return [(transpose, x, y) for transpose in (False, True)[: 2 if count == 8 else 1] for x, y in flips]


def turn_patches(patches: np.ndarray, transpose: bool, flip_x: bool, flip_y: bool) -> np.ndarray:
    """Patches [n, h, w, 3]."""
    patches = patches.swapaxes(1, 2) if transpose else patches
    patches = patches[:, :, ::-1] if flip_x else patches
    return np.ascontiguousarray(patches[:, ::-1] if flip_y else patches)


def turn_back(maps: np.ndarray, transpose: bool, flip_x: bool, flip_y: bool) -> np.ndarray:
    """A net's channels [n, c, h, w] of turned patches, where the pixels were. HV are components of a vector: they
    change sign and swap with it.
    """
    maps = maps.copy()
    if flip_y:
        maps = maps[:, :, ::-1]
        maps[:, HV.start + 1] *= -1
    if flip_x:
        maps = maps[..., ::-1]
        maps[:, HV.start] *= -1
    if transpose:
        maps = maps.swapaxes(2, 3)
        maps[:, HV] = maps[:, HV][:, ::-1].copy()
    return maps


def symmetric(net: Net, count: int) -> Net:
    """The net with logits and distances averaged over so many symmetries, at that multiple of its cost."""

    def run(patches: np.ndarray) -> np.ndarray:
        return sum(turn_back(net.run(turn_patches(patches, *turn)), *turn) for turn in turns(count)) / np.float32(count)

    return replace(net, run=run) if count > 1 else net
