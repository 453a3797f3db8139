"""The model card that travels in the ONNX file's metadata under `hoverslide.card`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import onnx

from ..data.classes import NucleusClass, with_first
from ..data.scale import MPP, MPP_RANGE
from ..evaluation.postprocess import Ranges

CARD_KEY = "hoverslide.card"
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
    quality: dict[str, float] = field(default_factory=dict)
    """Bounds beyond which a nucleus is set aside (models/README.md); none while nobody has calibrated any."""
    not_learned: tuple[str, ...] = NOT_LEARNED
    mpp: float = MPP


@dataclass(frozen=True)
class Shape:
    """architecture: for people; patch: side of what the net sees, kept: of the middle that it answers for, in px;
    classes of nuclei, background left out, none for an untyped net.
    """

    architecture: str
    patch: int
    kept: int
    classes: Sequence[NucleusClass]

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(entry.name for entry in with_first(self.classes))


def make_card(provenance: Provenance, shape: Shape, ranges: Ranges | None, outputs: dict[str, str]) -> dict:
    """ranges: constants of `seamless`, None where they are still to be calibrated: the card then has none.
    outputs: what the file gives beside `maps`.
    """
    last = "class (argmax)" if shape.classes else "class (1 where np >= 128)"
    classes = enumerate(entry.plain() for entry in with_first(shape.classes))

    def unlearned(name: str) -> dict[str, bool]:
        return {"learned": False} if name in provenance.not_learned else {}

    card = {
        "name": provenance.name,
        "version": provenance.version,
        "architecture": shape.architecture,
        "mpp": provenance.mpp,
        "mpp_range": [round(bound * provenance.mpp, 6) for bound in MPP_RANGE],
        "patch": shape.patch,
        "stride": shape.kept,
        "input": f"image: uint8 [n,{shape.patch},{shape.patch},3] RGB",
        "outputs": {
            "maps": f"uint8 [n,{shape.kept},{shape.kept},4]: np=floor(256p)<=255, h and v=round(100x)+128, {last}",
            **outputs,
        },
        "classes": [{"id": i, **entry, **unlearned(entry["name"])} for i, entry in classes],
        **({"quality": provenance.quality} if provenance.quality else {}),
        "training": provenance.training,
        "limits": provenance.limits,
        "licence": provenance.licence,
        "measures": provenance.measures,
    }
    if ranges:
        unit = "raw 21x21 Sobel of h or v in their own units (x, not 100x)"
        card["seamless"] = {"h": ranges.h, "v": ranges.v, "unit": unit}
    return card


def card_ranges(card: dict) -> Ranges | None:
    """The constants of `seamless` in a card, if it has any."""
    constants = card.get("seamless")
    if not constants:
        return None
    further = {name: constants[name] for name in ("marker", "sobel") if name in constants}
    return Ranges(tuple(constants["h"]), tuple(constants["v"]), **further)


def read_card(path: Path) -> dict | None:
    """The card of an ONNX file, if it has one."""
    properties = {p.key: p.value for p in onnx.load(path, load_external_data=False).metadata_props}
    return json.loads(properties[CARD_KEY]) if CARD_KEY in properties else None
