"""The model card that travels in the ONNX file's metadata under `hoverslide.card`."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import onnx

from ..data.labels import CLASS_NAMES
from ..evaluation.postprocess import Ranges
from ..models.centre import PATCH, STRIDE
from ..models.unet import LITE

CARD_KEY = "hoverslide.card"
COLORS = ((128, 128, 128), (255, 0, 0), (34, 221, 77), (35, 92, 236), (254, 255, 0), (255, 159, 68))
NAMES = ("unclassified", *CLASS_NAMES[1:])
MPP = 0.25
MPP_RANGE = (0.15, 0.75)
ENCODER_NAMES = {LITE: "EfficientNet-Lite0"}
LICENCE = "CC BY-NC-SA 4.0"
NOT_LEARNED = ("dead",)
"""Classes that no nucleus of the training data has: results are without them."""
LIMITS = (
    "'dead' was never labelled: that class is neither learned nor measured; "
    "no normal stomach, skin or brain among typed nuclei"
)


@dataclass(frozen=True)
class Provenance:
    """What the user says of a net: names, how it was trained, what it cannot do, and what was measured of it."""

    name: str
    version: str
    training: str
    limits: str = LIMITS
    licence: str = LICENCE
    measures: dict[str, dict[str, float]] = field(default_factory=dict)
    not_learned: tuple[str, ...] = NOT_LEARNED
    quality: dict[str, float] = field(default_factory=dict)
    """Bounds beyond which a nucleus is set aside (models/README.md); none while nobody has calibrated any."""


def make_card(provenance: Provenance, encoder: str, ranges: Ranges) -> dict:
    named = enumerate(zip(NAMES, COLORS, strict=True))
    classes = [{"id": i, "name": name, "color": color} for i, (name, color) in named]
    for entry in classes:
        if entry["name"] in provenance.not_learned:
            entry["learned"] = False
    return {
        "name": provenance.name,
        "version": provenance.version,
        "architecture": f"U-Net, {ENCODER_NAMES.get(encoder, f'MiT-{encoder.upper()}')} encoder (HoVer-UNet)",
        "mpp": MPP,
        "mpp_range": MPP_RANGE,
        "patch": PATCH,
        "stride": STRIDE,
        "input": "image: uint8 [n,256,256,3] RGB",
        "outputs": {
            "maps": "uint8 [n,192,192,4]: np=floor(256p)<=255, h and v=round(100x)+128, class (argmax)",
            "logits": "float32 [n,10,192,192]: NP 2, HV 2, NC 6",
        },
        "classes": classes,
        "seamless": {
            "h": ranges.h,
            "v": ranges.v,
            "unit": "raw 21x21 Sobel of h or v in their own units (x, not 100x)",
        },
        **({"quality": provenance.quality} if provenance.quality else {}),
        "training": provenance.training,
        "limits": provenance.limits,
        "licence": provenance.licence,
        "measures": provenance.measures,
    }


def read_card(path: Path) -> dict | None:
    """The card of an ONNX file, if it has one."""
    properties = {p.key: p.value for p in onnx.load(path, load_external_data=False).metadata_props}
    return json.loads(properties[CARD_KEY]) if CARD_KEY in properties else None
