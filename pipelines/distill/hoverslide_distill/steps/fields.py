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
    """The fields for a purpose, all with instances; DistillError where there are none.

    `validation`: those named in `data.splits`. `calibration`: CoNSeP's other training fields, or where CoNSeP is not
    there, all training fields. `consep-test`: measured, never chosen by.
    """
    fields = find_pack_fields(root, "test" if choice == "consep-test" else "train")
    if choice == "validation":
        fields = [f for f in fields if (f.set, f.name) in VALIDATION]
    elif choice == "calibration":
        fields = [f for f in fields if (f.set, f.name) not in VALIDATION and f.label_path("instances").exists()]
    consep = [f for f in fields if f.set == "consep"]
    fields = consep if consep or choice == "consep-test" else fields
    if not fields:
        raise DistillError(f"{root}: expected fields for {choice}, found none")
    return fields


def infer_fields(net: Net, fields: Sequence[PackField]) -> list[tuple[np.ndarray, Truth]]:
    """The net's ten channels and the truth of each field."""
    pairs = []
    for field in progress(fields, "infer"):
        labelled = field.read()
        pairs.append((infer_field(net, labelled.image), Truth(labelled.instances, labelled.label)))
    return pairs
