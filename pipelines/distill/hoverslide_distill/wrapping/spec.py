"""What a net of other hands takes and gives, as a JSON file says it (`wrap --spec`); some nets' are shipped."""

import json
from dataclasses import dataclass
from pathlib import Path

from ..data.classes import NucleusClass, parse_classes
from ..data.scale import MPP_RANGE
from ..errors import DistillError
from .fields import Fields

SHIPPED = Path(__file__).parents[1] / "specs"
MOST = 1024
"""Side of the largest patch that the product takes, px."""


@dataclass(frozen=True)
class Pixels:
    """What the net takes: x * scale, minus mean, over std, of RGB bytes x. type uint8: the bytes themselves."""

    name: str | None
    layout: str
    type: str
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True)
class Head:
    """One of the net's outputs, by name or place, and the part of its channels [start, stop) that is meant, or all.

    activation of np: `logits` or what the net has applied, `softmax` or `sigmoid`. order of hv: `hv`, horizontal first,
    or `vh`; scale: what hv is multiplied with to be in -1..1. background: the first class is background.
    """

    where: str
    output: str | int
    channels: tuple[int, int] | None = None
    activation: str = "logits"
    order: str = "hv"
    scale: float = 1.0
    background: bool = True


@dataclass(frozen=True)
class Spec:
    """layout: of the outputs. version None: by the file's hash. classes of nuclei, background left out."""

    name: str
    version: str | None
    architecture: str
    pixels: Pixels
    layout: str
    np: Head
    hv: Head
    types: Head | None
    patch: int
    kept: int
    mpp: float
    mpp_range: tuple[float, float]
    classes: tuple[NucleusClass, ...]
    training: str
    licence: str
    limits: str


def read_spec(choice: str) -> Spec:
    """The spec in a JSON file, or a shipped one by its name."""
    known = {path.stem: path for path in sorted(SHIPPED.glob("*.json"))}
    path = known.get(choice, Path(choice))
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        expected = f"expected one of {', '.join(known)} or a JSON file"
        raise DistillError(f"--spec {choice}: {expected}: {error}") from error
    return parse_spec(content, path.name)


def parse_spec(content: object, where: str) -> Spec:
    fields = Fields(content, where)
    heads = fields.object("heads")
    mpp = fields.number("mpp")
    spec = Spec(
        name=fields.text("name"),
        version=fields.text("version", None),
        architecture=fields.text("architecture"),
        pixels=parse_pixels(fields.object("input")),
        layout=fields.choice("layout", ("nchw", "nhwc"), "nchw"),
        np=parse_head(heads.object("np"), activation=True),
        hv=parse_head(heads.object("hv"), distances=True),
        types=parse_head(heads.object("type"), types=True) if "type" in heads.left else None,
        patch=fields.whole("patch", MOST),
        kept=fields.whole("kept", MOST),
        mpp=mpp,
        mpp_range=fields.numbers("mpp_range", 2, tuple(round(bound * mpp, 6) for bound in MPP_RANGE)),
        classes=parse_classes(fields.take("classes"), fields.name("classes")),
        training=fields.text("training"),
        licence=fields.text("licence"),
        limits=fields.text("limits"),
    )
    heads.done()
    fields.done()
    if spec.kept > spec.patch or (spec.patch - spec.kept) % 2:
        raise fields.refuse("kept", f"at most the patch ({spec.patch}), with an even margin", spec.kept)
    if bool(spec.classes) != bool(spec.types):
        expected = 'classes where there is a head of types, and none ("none" or []) where there is not'
        raise fields.refuse("classes", expected, [entry.name for entry in spec.classes])
    return spec


def parse_pixels(fields: Fields) -> Pixels:
    pixels = Pixels(
        name=fields.text("name", None),
        layout=fields.choice("layout", ("nchw", "nhwc")),
        type=fields.choice("type", ("float32", "float16", "uint8")),
        scale=fields.number("scale", 1.0),
        mean=fields.numbers("mean", 3, (0, 0, 0)),
        std=fields.numbers("std", 3, (1, 1, 1)),
    )
    fields.done()
    if min(pixels.std) <= 0:
        raise fields.refuse("std", "numbers above 0", pixels.std)
    if pixels.type == "uint8" and (pixels.scale, pixels.mean, pixels.std) != (1.0, (0, 0, 0), (1, 1, 1)):
        raise fields.refuse("type", "float32 where scale, mean or std is given", pixels.type)
    return pixels


def parse_head(fields: Fields, activation: bool = False, distances: bool = False, types: bool = False) -> Head:
    output = fields.take("output")
    if isinstance(output, bool) or not isinstance(output, str | int) or output in ("", -1):
        raise fields.refuse("output", "an output's name, or its place from 0", output)
    part = fields.take("channels", None)
    if part is not None:
        is_pair = isinstance(part, list) and len(part) == 2 and all(isinstance(end, int) for end in part)
        if not is_pair or not 0 <= part[0] < part[1]:
            raise fields.refuse("channels", "[first, one behind the last]", part)
    known = {}
    if activation:
        known["activation"] = fields.choice("activation", ("logits", "softmax", "sigmoid"))
    if distances:
        known |= {"order": fields.choice("order", ("hv", "vh")), "scale": fields.number("scale", 1.0)}
    if types:
        known["background"] = fields.truth("background")
    fields.done()
    return Head(fields.where, output, tuple(part) if part else None, **known)
