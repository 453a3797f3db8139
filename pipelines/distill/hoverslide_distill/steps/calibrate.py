"""`calibrate`: search the four constants on training fields, never those of validation."""

import json
import os
from pathlib import Path

from ..errors import DistillError
from ..evaluation.calibrate import SCALES, calibrate, prepare_field
from ..evaluation.postprocess import Ranges
from .fields import chosen_fields, infer_fields, open_net


def calibrate_net(net: Path, data: Path, out: Path, limit: int | None, scale: float | None, device: str | None) -> None:
    """Write the constants that suit the first `limit` fields best (all without one), or those of a given scale."""
    pairs = infer_fields(open_net(net, device), chosen_fields(data, "calibration")[:limit])
    ranges, score = calibrate([prepare_field(output, truth) for output, truth in pairs], [scale] if scale else SCALES)
    partial = out.with_suffix(".part")
    partial.write_text(json.dumps({"h": ranges.h, "v": ranges.v, "PQ": score, "fields": len(pairs)}) + "\n")
    os.replace(partial, out)


def read_ranges(path: Path) -> Ranges:
    content = json.loads(path.read_text())
    if not {"h", "v"} <= content.keys():
        raise DistillError(f"{path}: expected the keys h and v, found {sorted(content)}")
    return Ranges(tuple(content["h"]), tuple(content["v"]))
