"""The four constants of `seamless`: minimum and maximum of each axis's raw gradient,
by search for the best panoptic quality.

A field's own extremes are the start: their medians over fields, scaled.
Narrower ranges saturate and so sharpen the edges.
Then one constant at a time is moved while that helps.
"""

import sys
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..errors import DistillError
from . import measures
from .infer import pack
from .postprocess import Ranges, drop_small, raw_gradients, seamless_edges, seamless_from_edges
from .validate import Truth

SCALES = (1.0, 0.5, 0.3, 0.2, 0.14, 0.1, 0.07, 0.05)
STEPS = (1.4, 1 / 1.4)


@dataclass(frozen=True)
class PreparedField:
    """What does not depend on the constants: blobs, raw gradients and the true instances, all [h, w]."""

    blobs: np.ndarray
    sobel_h: np.ndarray
    sobel_v: np.ndarray
    truth: np.ndarray


def prepare_field(output: np.ndarray, truth: Truth) -> PreparedField:
    packed = pack(output)
    blobs = drop_small(ndimage.label(packed[..., 0] >= 128)[0])
    return PreparedField(blobs, *raw_gradients(packed), truth.instances)


def quality(fields: list[PreparedField], ranges: Ranges) -> float:
    """Mean PQ over fields."""
    scores = []
    for field in fields:
        nuclei = seamless_from_edges(field.blobs, seamless_edges(field.sobel_h, field.sobel_v, ranges))
        scores.append(measures.panoptic_quality(field.truth, nuclei))
    return float(np.mean(scores))


def to_ranges(constants: np.ndarray) -> Ranges:
    """From [h min, h max, v min, v max]."""
    h_low, h_high, v_low, v_high = map(float, constants)
    return Ranges((h_low, h_high), (v_low, v_high))


def calibrate(fields: list[PreparedField]) -> tuple[Ranges, float]:
    """The best constants found and their mean PQ over the fields. Deterministic; the first of equal candidates wins."""
    extremes = [[f.sobel_h.min(), f.sobel_h.max(), f.sobel_v.min(), f.sobel_v.max()] for f in fields]
    median = np.median(extremes, axis=0)
    if median[0] >= median[1] or median[2] >= median[3]:
        raise DistillError("expected a net that has learned distances, found flat maps of h or v")
    tried: dict[tuple[float, ...], float] = {}

    def score(constants: np.ndarray) -> float:
        key = tuple(constants)
        if key not in tried:
            tried[key] = quality(fields, to_ranges(constants))
            print(
                f"calibrate: PQ {tried[key]:.4f} at {(constants / median).round(3)} of the median",
                file=sys.stderr,
                flush=True,
            )
        return tried[key]

    best = max((median * scale for scale in SCALES), key=score)
    for axis in range(4):
        moved = [best * np.where(np.arange(4) == axis, step, 1) for step in STEPS]
        best = max([best, *moved], key=score)
    return to_ranges(best), score(best)
