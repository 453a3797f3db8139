"""Fields for validation, calibration and measuring, with a net's output on each."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..data.packs import PackField, find_pack_fields
from ..data.splits import VALIDATION
from ..errors import DistillError
from ..evaluation.infer import Net, infer_field, onnx_net, torch_net
from ..evaluation.validate import Truth
from ..models.load import load_student
from ..progress import progress
from ..training.device import pick_device, place


def open_net(path: Path, device_name: str | None) -> Net:
    """A net from an ONNX file or from a checkpoint."""
    if path.suffix == ".onnx":
        return onnx_net(str(path))
    device = pick_device(device_name)
    return torch_net(place(load_student(path), device), device)


def chosen_fields(root: Path, choice: str) -> list[PackField]:
    """`validation` or `calibration` (CoNSeP's other training fields), or `consep-test`,
    which is measured and never chosen by.
    """
    if choice == "consep-test":
        fields = [f for f in find_pack_fields(root, "test") if f.set == "consep"]
    else:
        fields = [
            f
            for f in find_pack_fields(root)
            if f.set == "consep" and ((f.set, f.name) in VALIDATION) == (choice == "validation")
        ]
    if not fields:
        raise DistillError(f"{root}: expected fields of consep for {choice}, found none")
    return fields


def infer_fields(net: Net, fields: Sequence[PackField]) -> list[tuple[np.ndarray, Truth]]:
    """The net's ten channels and the truth of each field."""
    pairs = []
    for field in progress(fields, "infer"):
        labelled = field.read()
        pairs.append((infer_field(net, labelled.image), Truth(labelled.instances, labelled.label)))
    return pairs
