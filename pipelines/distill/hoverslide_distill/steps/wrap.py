"""`wrap`: any net with np, hv and perhaps type maps as one ONNX file that the product runs, checked against itself."""

import json
import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper

from ..errors import DistillError, first_line
from ..evaluation.infer import open_session
from ..models.centre import PATCH
from ..wrapping.onnx_net import OPSET, exported, onnx_source, read_net, wrapped_onnx
from ..wrapping.packing import expected_maps
from ..wrapping.spec import Spec
from ..wrapping.torch_net import Picked, Wrapped, read_module, torch_source
from .about import file_hash, origin
from .card import CARD_KEY, Provenance, Shape, make_card
from .export import PATCHES_CHECKED, agreement, halve_weights

MOST_BYTES, GRAPH_BYTES = 2**31 - 1, 2**24
"""Of an ONNX file, protobuf's limit, and of that what is left for all but weights. The product takes weights from no
other file."""
AGREEMENT = 0.995
"""Least share of pixels whose mask, class and distances (within 1 of 100) must be the source net's."""
FORMS = (".onnx", ".pt2", ".ts")


def wrap(
    source: Path, spec: Spec, out: Path, patches: Callable[[int, int], np.ndarray], half_weights: bool = False
) -> dict[str, float]:
    """Write the ONNX file; gives its agreement with the source net on real patches, which `patches` gives by count and
    side. half_weights: store weights in float16, arithmetic staying as it is.
    """
    if source.suffix not in FORMS:
        raise DistillError(f"{source}: expected a file named {', '.join(FORMS)}")
    images = patches(min(PATCHES_CHECKED, max(2, PATCHES_CHECKED * PATCH**2 // spec.patch**2)), spec.patch)
    run, build = source_of(source, spec)
    outputs = run(images)
    del run  # and with it a session that holds the weights
    expected = expected_maps(outputs, spec)
    model = build([output[:1] for output in outputs])
    if half_weights:
        halve_weights(model)
    shape = Shape(spec.architecture, spec.patch, spec.kept, spec.classes)
    version = spec.version or file_hash(source)[:12]
    training = f"{spec.training}; {origin(source)}"
    provenance = Provenance(spec.name, version, training, spec.limits, spec.licence, mpp=spec.mpp, not_learned=())
    card = make_card(provenance, shape, None, {}) | {"mpp_range": spec.mpp_range}
    helper.set_model_props(model, {CARD_KEY: json.dumps(card)})
    partial = save(model, out, source, half_weights)
    try:
        shares = check(partial, expected, images, source)
    except DistillError:
        partial.unlink()
        raise
    os.replace(partial, out)
    return shares


def source_of(source: Path, spec: Spec):
    """The net by itself, and what makes the whole graph of one patch's outputs."""
    if source.suffix == ".onnx":
        return onnx_source(source, spec), lambda outputs: wrapped_onnx(read_net(source), spec, source, outputs)
    picked = Picked(read_module(source), spec, source)

    def build(outputs: list[np.ndarray]) -> onnx.ModelProto:
        image = torch.zeros(2, spec.patch, spec.patch, 3, dtype=torch.uint8)
        try:
            # Traced first: the exporter's own tracing takes no TorchScript modules within others.
            traced = torch.jit.trace(Wrapped(picked, spec).eval(), image)
            return exported(traced, (image,), ["image"], ["maps"], OPSET)
        except Exception as error:  # whatever the foreign net raises
            raise DistillError(f"{source}: cannot be traced for two patches at once: {first_line(error)}") from error

    return torch_source(picked, spec), build


def save(model: onnx.ModelProto, out: Path, source: Path, halved: bool) -> Path:
    """One file, its weights in it; DistillError where it would be too large."""
    # The model's own ByteSize serialises it, and fails where this is to be told.
    size = sum(
        math.prod(w.dims) * helper.tensor_dtype_to_np_dtype(w.data_type).itemsize for w in model.graph.initializer
    )
    if size > MOST_BYTES - GRAPH_BYTES:
        way = "quantise its weights further" if halved else "--half-weights stores them in float16"
        expected = f"at most {MOST_BYTES - GRAPH_BYTES:,} bytes of weights in one ONNX file"
        raise DistillError(f"{source}: expected {expected}, found {size:,}: {way}")
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".part")
    onnx.save(model, partial)
    return partial


def check(path: Path, expected: np.ndarray, images: np.ndarray, source: Path) -> dict[str, float]:
    """All patches in one batch: nets whose batch is fixed are found out."""
    batch = np.resize(images, (max(2, len(images)), *images.shape[1:]))
    try:
        maps = open_session(path).run(["maps"], {"image": batch})[0][: len(images)]
    except Exception as error:  # ONNX Runtime's own
        way = "export the net with a batch of any size (dynamic_axes)"
        raise DistillError(
            f"{source}: does not run on {len(batch)} patches at once: {way}: {first_line(error)}"
        ) from error
    shares = agreement(maps, expected, hv_tolerance=1)
    if min(shares.values()) < AGREEMENT:
        raise DistillError(f"{source}: expected {AGREEMENT:.1%} of pixels as the net itself has them, found {shares}")
    return shares
