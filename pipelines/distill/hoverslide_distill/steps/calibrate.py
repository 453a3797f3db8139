"""`calibrate`: search the four constants on training fields, never those of validation."""

import json
import os
import sys
from itertools import repeat
from pathlib import Path

import numpy as np

from ..errors import DistillError
from ..evaluation.calibrate import SCALES, candidates, prepare_field, qualities
from ..evaluation.postprocess import Ranges
from ..pool import process_pool
from .fields import chosen_fields, infer_fields, open_net


def calibrate_net(net: Path, data: Path, out: Path, limit: int | None, scale: float | None, device: str | None) -> None:
    """Write the constants with the best mean PQ over the first `limit` fields (all without one), the first of equal
    ones, or those of a given scale.
    """
    scales = [scale] if scale else SCALES
    chosen = chosen_fields(data, "calibration")[:limit]
    with process_pool() as pool:
        prepared = [pool.submit(prepare_field, *pair) for pair in infer_fields(open_net(net, device), chosen)]
        fields = [future.result() for future in prepared]
        ranges = candidates(fields, scales)
        scores = np.mean(list(pool.map(qualities, fields, repeat(ranges))), axis=0)
    expected = float(np.mean([field.reference_quality for field in fields]))
    print(f"calibrate: {len(fields)} fields, PQ of `reference` on float maps {expected:.4f}", file=sys.stderr)
    for share, score in zip(scales, scores, strict=True):
        print(f"calibrate: PQ {score:.4f} at {share} of the median ranges", file=sys.stderr)
    best = int(np.argmax(scores))
    content = {"h": ranges[best].h, "v": ranges[best].v, "scale": scales[best], "PQ": float(scores[best])}
    partial = out.with_suffix(".part")
    partial.write_text(json.dumps(content | {"PQ reference": expected, "fields": len(fields)}) + "\n")
    os.replace(partial, out)


def read_ranges(path: Path) -> Ranges:
    content = json.loads(path.read_text())
    if not {"h", "v"} <= content.keys():
        raise DistillError(f"{path}: expected the keys h and v, found {sorted(content)}")
    return Ranges(tuple(content["h"]), tuple(content["v"]))
