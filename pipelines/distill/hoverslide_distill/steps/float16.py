"""`float16`: an exported student with float16 arithmetic, for GPUs; uint8 in and out as before."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import helper
from onnxruntime.transformers.float16 import convert_float_to_float16

from ..errors import DistillError
from ..evaluation.infer import open_session
from ..evaluation.measures import panoptic_quality
from ..evaluation.postprocess import Ranges, seamless
from .card import CARD_KEY, card_ranges, read_card
from .export import agreement
from .quantize import restore_floats

QUALITY = 0.98
"""Least panoptic quality of its nuclei, those of the float32 net taken for the truth."""
HV_TOLERANCE = 2


def with_float16(model: onnx.ModelProto) -> onnx.ModelProto:
    restore_floats(model)
    return convert_float_to_float16(model, keep_io_types=True)


def nuclei_quality(maps: np.ndarray, expected: np.ndarray, ranges: Ranges) -> float:
    """Mean panoptic quality of packed maps' nuclei [n, h, w, 4] beside those of other maps of the same patches."""
    pairs = zip(expected, maps, strict=True)
    return float(np.mean([panoptic_quality(seamless(a, ranges), seamless(b, ranges)) for a, b in pairs]))


def to_float16(net: Path, out: Path, patches: Callable[[int], np.ndarray]) -> dict[str, float]:
    """Write the float16 file, its card saying so and how far it agrees with the float32 net on real patches, which
    `patches` gives for the net's side; DistillError where its nuclei are others.
    """
    card = read_card(net)
    if card is None:
        raise DistillError(f"{net}: expected a file that `export` or `wrap` wrote, found no card")
    ranges = card_ranges(card)
    if ranges is None:
        raise DistillError(f"{net}: expected constants of `seamless` in the card, found none: calibrate it first")
    half = with_float16(onnx.load(net))
    partial = out.with_suffix(".part")
    onnx.save(half, partial)
    image = patches(card["patch"])
    maps, expected = (open_session(path).run(["maps"], {"image": image})[0] for path in (partial, net))
    shares = agreement(maps, expected, HV_TOLERANCE) | {"nuclei": nuclei_quality(maps, expected, ranges)}
    if shares["nuclei"] < QUALITY:
        raise DistillError(f"{out}: expected nuclei as {net} finds them (PQ {QUALITY}), found {shares}")
    card["architecture"] = f"{card.get('architecture', card['name'])}, float16 arithmetic"
    card["float16"] = shares
    card["measures"] = {}  # they are the float32 net's
    helper.set_model_props(half, {CARD_KEY: json.dumps(card)})
    onnx.save(half, partial)
    os.replace(partial, out)
    return shares
