"""`measure`: nets side by side on the same fields, in one run."""

import json
from pathlib import Path

import onnx

from ..evaluation.postprocess import Ranges
from ..evaluation.validate import validate
from .calibrate import read_ranges
from .card import CARD_KEY
from .fields import chosen_fields, infer_fields, open_net


def ranges_of(net: Path, given: Path | None) -> Ranges | None:
    """The constants of an ONNX file's card, else the given ones."""
    if net.suffix == ".onnx":
        properties = {p.key: p.value for p in onnx.load(net, load_external_data=False).metadata_props}
        if CARD_KEY in properties:
            seamless = json.loads(properties[CARD_KEY])["seamless"]
            return Ranges(tuple(seamless["h"]), tuple(seamless["v"]))
    return read_ranges(given) if given else None


def measure(nets: list[Path], data: Path, choice: str, constants: Path | None, device: str | None) -> dict:
    """Measures per net and per mode of post-processing."""
    fields = chosen_fields(data, choice)
    scores = {}
    for net in nets:
        pairs = infer_fields(open_net(net, device), fields)
        scores[str(net)] = {"reference": validate(pairs, None)}
        if ranges := ranges_of(net, constants):
            scores[str(net)]["seamless"] = validate(pairs, ranges)
    return scores
