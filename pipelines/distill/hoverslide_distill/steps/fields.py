"""Fields for validation, calibration and measuring, with a net's output on each."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.assemble import Labelled
from ..data.packs import PackField, find_pack_fields
from ..data.splits import VALIDATION, all_fields
from ..data.store import Field
from ..errors import DistillError
from ..evaluation.infer import OUR_CLASSES, Net, infer_field, onnx_net, torch_net
from ..evaluation.validate import Truth
from ..models.centre import PATCH
from ..models.unet import Student
from ..progress import progress
from ..training.device import pick_device, place
from .card import read_card
from .export import trace
from .loaded import load_net


def open_net(path: Path, device_name: str | None, fast: bool = False) -> Net:
    """A net from an ONNX file, a student's checkpoint (which on the CPU becomes an ONNX file as well, for speed) or a
    HoVer-Net's. fast: in PyTorch, in bfloat16 where that is safe.
    """
    if path.suffix == ".onnx":
        return open_onnx(path)
    device, net = pick_device(device_name), load_net(path)
    sides = {"patch": net.shape.patch, "kept": net.shape.kept, "class_names": net.shape.class_names}
    if device.type != "cpu" or not isinstance(net.model, Student):
        return torch_net(place(net.model, device), device, fast=fast, **sides)
    with tempfile.TemporaryDirectory() as folder:
        traced = Path(folder, "net.onnx")
        trace(net, traced)
        return onnx_net(traced, **sides)


def open_classifier(path: Path, device_name: str | None, what: str = "net", fast: bool = False) -> Net:
    """A net whose classes are those of our labels; DistillError, which calls it a `what`, where they are others."""
    net = open_net(path, device_name, fast)
    if not net.knows_our_classes:
        found = ", ".join(net.class_names)
        raise DistillError(f"{path}: expected a {what} of the classes {', '.join(OUR_CLASSES)}, found {found}")
    return net


def open_onnx(path: Path) -> Net:
    """Files without a card are our older ones: a student's."""
    card = read_card(path)
    if card is None:
        return onnx_net(path)
    names = tuple(entry["name"] for entry in card["classes"])
    return onnx_net(path, patch=card["patch"], kept=card["stride"], class_names=names)


def chosen_fields(root: Path, choice: str) -> list[PackField]:
    """The fields for a purpose; DistillError where there are none.

    `validation`: those named in `data.splits`, of all sets. The others all with instances: `training`, all training
    fields of CoNSeP and MoNuSeg, or where neither is there, of all sets; `calibration`, those of them that are not of
    validation; `consep-test`, measured, never chosen by.
    """
    fields = find_pack_fields(root, "test" if choice == "consep-test" else "train")
    if choice == "validation":
        return some([f for f in fields if (f.set, f.name) in VALIDATION], root, choice)
    fields = [f for f in fields if f.label_path("instances").exists()]
    sets = {"consep"} if choice == "consep-test" else {"consep", "monuseg"}
    known = [f for f in fields if f.set in sets]
    fields = known if known or choice == "consep-test" else fields
    if choice == "calibration":
        fields = [f for f in fields if (f.set, f.name) not in VALIDATION]
    return some(fields, root, choice)


@dataclass(frozen=True)
class StoredField:
    """A prepared field of a store, read as a pack's is."""

    field: Field

    @property
    def set(self) -> str:
        return self.field.set

    def read(self) -> Labelled:
        parts = {part: np.array(self.field.read(part)) for part in ("image", "label", "hv")}
        return Labelled(**parts, instances=np.array(self.field.read("instances")))


def stored_fields(store: Path) -> list[StoredField]:
    """All fields of a store with nuclei that are known one by one; tiles without any are left out, as PanNuke's own
    measures leave them out.
    """
    fields = [field for field in all_fields(store) if field.has("instances") and field.read("label").any()]
    return some([StoredField(field) for field in fields], store, "measuring")


def some(fields: list, root: Path, choice: str) -> list:
    if not fields:
        raise DistillError(f"{root}: expected fields for {choice}, found none")
    return fields


def sample_patches(root: Path, count: int, side: int = PATCH) -> np.ndarray:
    """Real tissue, uint8 [n, side, side, 3]: the middles of at most `count` fields, spread evenly over all training
    fields, those of validation and those under 256 px left out; ones smaller than `side` are mirrored at their border.
    """
    fields = [f for f in find_pack_fields(root) if (f.set, f.name) not in VALIDATION]
    patches = []
    for index in np.unique(np.linspace(0, len(fields) - 1, count).astype(int)):
        pixels = fields[index].read_pixels()
        if min(pixels.shape[:2]) < PATCH:
            continue
        missing = [max(side - length, 0) for length in pixels.shape[:2]]
        pixels = np.pad(pixels, (*((m // 2, m - m // 2) for m in missing), (0, 0)), "reflect")
        top, left = ((length - side) // 2 for length in pixels.shape[:2])
        patches.append(pixels[top : top + side, left : left + side])
    if not patches:
        raise DistillError(f"{root}: expected training images of at least {PATCH} px, found none")
    return np.stack(patches)


def infer_fields(net: Net, fields: Sequence[PackField | StoredField]) -> Iterator[tuple[np.ndarray, Truth]]:
    """The net's channels and the truth of each field."""
    for field in progress(fields, "infer"):
        labelled = field.read()
        yield infer_field(net, labelled.image), Truth(labelled.instances, labelled.label)
