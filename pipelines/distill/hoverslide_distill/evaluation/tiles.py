"""A quick look at a net while it trains: its loss, mask and nuclei on fixed tiles of the fields of validation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data.store import Field
from ..models.centre import PATCH, STRIDE, middle
from ..training.device import to_input
from . import measures
from .infer import probabilities
from .postprocess import reference

PER_SIDE = 3
"""Tiles per side of a field whose nuclei are known one by one; others give one tile."""


@dataclass(frozen=True)
class Tile:
    """A patch of a field and where its first pixel is."""

    field: Field
    top: int
    left: int

    def read(self, part: str) -> np.ndarray:
        return np.array(self.field.read(part)[self.top : self.top + PATCH, self.left : self.left + PATCH])


def spread_tiles(fields: Sequence[Field]) -> list[Tile]:
    """Tiles on an even grid in each field, at most PER_SIDE a side and none that overlap; none of smaller fields."""
    tiles = []
    for field in fields:
        most = PER_SIDE if field.has("instances") else 1
        starts = []
        for side in field.read("label").shape:
            count = min(most, side // PATCH)
            gap = (side - count * PATCH) / (count + 1)
            starts.append([round(gap + i * (gap + PATCH)) for i in range(count)])
        tiles += [Tile(field, top, left) for top in starts[0] for left in starts[1]]
    return tiles


def look(
    model: torch.nn.Module,
    tiles: Sequence[Tile],
    loss: Callable[[Tensor, dict[str, Tensor]], dict[str, Tensor]],
    device: torch.device,
    batch: int = 16,
    hv_part: str = "hv",
) -> dict[str, float]:
    """Mean loss; per set dice, and where nuclei are known the mean PQ of tiles that hold any (`reference`, the middle
    of each tile as on slides); PQ as the mean of sets.
    """
    losses, dices, qualities = [], {}, {}
    for start in range(0, len(tiles), batch):
        part = tiles[start : start + batch]
        parts = {"image": "image", "label": "label", "hv": hv_part}
        read = {name: torch.from_numpy(np.stack([t.read(of) for t in part])) for name, of in parts.items()}
        with torch.inference_mode():
            output = model(to_input(read["image"], device)).float()
            losses += [sum(loss(output, read).values()).item()] * len(part)
        for tile, maps in zip(part, middle(output, STRIDE).cpu().numpy(), strict=True):
            np_map, h, v, _ = probabilities(maps)
            kept = tuple(slice((PATCH - STRIDE) // 2, (PATCH + STRIDE) // 2) for _ in range(2))
            true_mask = tile.read("label")[kept] > 0
            if true_mask.any():
                dices.setdefault(tile.field.set, []).append(measures.dice(true_mask, np_map >= 0.5))
                if tile.field.has("instances"):
                    found = reference(np_map, h, v)
                    quality = measures.panoptic_quality(tile.read("instances")[kept], found)
                    qualities.setdefault(tile.field.set, []).append(quality)
    by_set = {name: float(np.mean(values)) for name, values in qualities.items()}
    return {
        "loss": float(np.mean(losses)),
        **{f"dice {name}": float(np.mean(values)) for name, values in dices.items()},
        **{f"PQ {name}": value for name, value in by_set.items()},
        **({"PQ": float(np.mean(list(by_set.values())))} if by_set else {}),
    }
