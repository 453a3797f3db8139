"""`export`: a net as one ONNX file with its card, weights stored in half precision, arithmetic in single."""

import json
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from ..errors import DistillError
from ..evaluation.infer import open_session
from ..evaluation.postprocess import Ranges
from ..models.centre import middle
from ..models.packed import PackedNet, pack_logits
from ..training.device import to_input
from .card import CARD_KEY, Provenance, make_card
from .class_bias import add_class_bias
from .loaded import Loaded, load_net, said_of

OPSET = 17
MAX_BYTES = 15 * 2**20
PATCHES_CHECKED, CHECK_BATCH = 12, 3
AGREEMENT = 0.995
"""Least share of pixels whose nucleus mask, and whose class, must be PyTorch's."""


def trace(net: Loaded, path: Path) -> None:
    names = ("image", "maps", "logits")
    example = torch.zeros(2, net.shape.patch, net.shape.patch, 3, dtype=torch.uint8)
    with torch.no_grad(), warnings.catch_warnings():
        # The exporter for torch.export's graphs needs a further package and gives no faster graph here.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            PackedNet(net.model).eval(),
            (example,),
            path,
            dynamo=False,
            opset_version=OPSET,
            input_names=names[:1],
            output_names=names[1:],
            dynamic_axes={name: {0: "n"} for name in names},
        )


def halve_weights(model: onnx.ModelProto) -> None:
    """Store weights (not biases or norms) in float16, each with a cast to float32,
    which ONNX Runtime folds when it loads.
    """
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) < 2:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{name}_f16"))
        casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def agreement(maps: np.ndarray, expected: np.ndarray, hv_tolerance: int) -> dict[str, float]:
    """Shares of pixels of two packed maps with the same nucleus mask, the same class, h and v within a tolerance."""
    hv, expected_hv = (m[..., 1:3].astype(int) for m in (maps, expected))
    return {
        "nucleus": float(((maps[..., 0] >= 128) == (expected[..., 0] >= 128)).mean()),
        "class": float((maps[..., 3] == expected[..., 3]).mean()),
        "hv": float((np.abs(hv - expected_hv) <= hv_tolerance).mean()),
    }


def check(path: Path, net: Loaded, patches: np.ndarray) -> dict[str, float]:
    """Agreement of the file with the net in PyTorch on uint8 patches [n, patch, patch, 3];
    DistillError where they differ too much.
    """
    session = open_session(path)
    batches = [patches[i : i + CHECK_BATCH] for i in range(0, len(patches), CHECK_BATCH)]
    found = [session.run(["maps", "logits"], {"image": batch}) for batch in batches]
    maps, logits = (np.concatenate(parts) for parts in zip(*found, strict=True))
    with torch.inference_mode():
        inputs = [to_input(torch.from_numpy(batch), torch.device("cpu")) for batch in batches]
        expected = torch.cat([middle(net.model(x), net.shape.kept) for x in inputs])
    shares = agreement(maps, pack_logits(expected).numpy(), hv_tolerance=1)
    if min(shares.values()) < AGREEMENT:
        raise DistillError(f"{path}: expected {AGREEMENT:.1%} of pixels as PyTorch has them, found {shares}")
    return shares | {"largest_logit_difference": float(np.abs(logits - expected.numpy()).max())}


def provenance_of(checkpoint: Path, name: str, version: str, training: str | None, **said) -> Provenance:
    """What the card says: what the user says, else what `import` wrote, else, of our own nets, what holds for those.
    said: licence, limits, measures, quality; None where the user does not say.
    """
    about = said_of(checkpoint)
    if about is None and not training:
        raise DistillError(f"--training: expected what {checkpoint} was trained on, found nothing")
    known = {"licence": about.licence, "limits": about.limits, "mpp": about.mpp, "not_learned": ()} if about else {}
    known |= {key: value for key, value in said.items() if value is not None}
    return Provenance(name, version, training or about.training, **known)


def export(
    checkpoint: Path,
    out: Path,
    ranges: Ranges | None,
    provenance: Provenance,
    patches: Callable[[int], np.ndarray],
    class_bias: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, float]:
    """Write the ONNX file; gives the agreement with PyTorch on real patches, which `patches` gives for the net's side.
    Without ranges the card has no constants. class_bias: what is added to the logits of classes, by name.
    """
    net = load_net(checkpoint)
    add_class_bias(net, class_bias)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".part")
    trace(net, partial)
    model = onnx.load(partial)
    halve_weights(model)
    kept, classes = net.shape.kept, net.class_channels
    logits = f"float32 [n,{4 + classes},{kept},{kept}]: NP 2, HV 2" + (f", NC {classes}" if classes else "")
    card = make_card(provenance, net.shape, ranges, {"logits": logits})
    helper.set_model_props(model, {CARD_KEY: json.dumps(card)})
    onnx.checker.check_model(model)
    onnx.save(model, partial)
    shares = check(partial, net, patches(net.shape.patch))
    if card["architecture"].startswith("U-Net, MiT-B0") and partial.stat().st_size > MAX_BYTES:
        raise DistillError(f"{out}: expected at most {MAX_BYTES} bytes, found {partial.stat().st_size}")
    os.replace(partial, out)
    return shares
