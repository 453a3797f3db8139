"""`quantize`: an exported student with most of its convolutions in 8-bit integers, for CPUs."""

import json
import logging
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from ..errors import DistillError
from ..evaluation.infer import open_session
from .card import CARD_KEY, read_card
from .export import PATCHES_CHECKED, agreement, halve_weights
from .fields import sample_patches

PARTS = {"decoder": r"/student/blocks\.", "coarse encoder": r"/student/encoder/blocks\.([3-9]|1\d)/"}
"""How the exporter names the nodes of the decoder, and of an EfficientNet-Lite's blocks at an eighth of the patch's
side and coarser. The rest stays in floating point: the finer blocks (the whole of Lite0's in int8 loses .004 PQ), a Mix
Vision Transformer, and the head and the packing, where nothing is gained."""
OPERATORS = ["Conv", "Clip", "Relu", "Add", "Transpose", "Reshape", "Slice"]
CALIBRATION_PATCHES = 48
BATCH = 4
AGREEMENT = 0.98
HV_TOLERANCE = 5
"""Least share of pixels whose nucleus mask, whose class and whose distances (within HV_TOLERANCE of 100) must be the
float net's."""
LIMIT = "; for processors, not for GPUs"


class Patches(CalibrationDataReader):
    def __init__(self, patches: np.ndarray):
        self.batches: Iterator[np.ndarray] = iter(patches[i : i + BATCH] for i in range(0, len(patches), BATCH))

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self.batches, None)
        return None if batch is None else {"image": batch}


def restore_floats(model: onnx.ModelProto) -> None:
    """Weights in float32 again, in place of float16 and a cast: what `halve_weights` undoes."""
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    kept = []
    for node in model.graph.node:
        weight = weights.get(node.input[0]) if node.op_type == "Cast" else None
        if weight is None:
            kept.append(node)
        else:
            weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float32), node.output[0]))
    del model.graph.node[:]
    model.graph.node.extend(kept)


def nodes_by_part(model: onnx.ModelProto) -> dict[str, list[str]]:
    """Names of the nodes to quantize, of each part that the net has."""
    names = [node.name for node in model.graph.node]
    found = {part: [name for name in names if re.match(pattern, name)] for part, pattern in PARTS.items()}
    return {part: nodes for part, nodes in found.items() if nodes}


def is_no_advice(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("Please consider")


def quantize_nodes(model: onnx.ModelProto, nodes: list[str], patches: np.ndarray) -> onnx.ModelProto:
    """Static quantization: activations uint8 by their extremes over the patches, weights of 7 bits per channel.

    Processors without VNNI add the products of bytes in pairs of 16 bits, which overflow with weights of 8 bits: h and
    v are then off by more than .05 in a pixel of 250. With 7 bits no sum overflows on any processor.
    """
    # It would have us infer shapes first; a graph from `export` says all it needs.
    logging.getLogger().addFilter(is_no_advice)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "int8.onnx")
        quantize_static(
            model,
            path,
            Patches(patches),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=OPERATORS,
            nodes_to_quantize=nodes,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(path)


def quantize(net: Path, data: Path, out: Path) -> dict[str, float]:
    """Write the int8 file, its card saying so; gives its agreement with the float net on real patches."""
    model = onnx.load(net)
    card = read_card(net)
    parts = nodes_by_part(model)
    if card is None or "decoder" not in parts:
        raise DistillError(f"{net}: expected a file that `export` wrote, found none of its card or of its nodes")
    restore_floats(model)
    quantized = quantize_nodes(model, sum(parts.values(), []), sample_patches(data, CALIBRATION_PATCHES))
    halve_weights(quantized)
    calibrated = f"{' and '.join(parts)} in int8 (calibrated on {CALIBRATION_PATCHES} training crops)"
    card["architecture"] = f"{card.get('architecture', card['name'])}, {calibrated}"
    card["name"] += "-int8"  # another net: its tables must not pass for the float net's
    card["training"] += f" Then the {calibrated}."
    card["limits"] += LIMIT
    # Measured of the float net: they do not speak of this one.
    card["measures"] = {}
    helper.set_model_props(quantized, {CARD_KEY: json.dumps(card)})
    onnx.checker.check_model(quantized)
    partial = out.with_suffix(".part")
    onnx.save(quantized, partial)
    patches = sample_patches(data, PATCHES_CHECKED)
    maps, true_maps = (open_session(path).run(["maps"], {"image": patches})[0] for path in (partial, net))
    shares = agreement(maps, true_maps, HV_TOLERANCE)
    if min(shares.values()) < AGREEMENT:
        raise DistillError(f"{out}: expected {AGREEMENT:.1%} of pixels as {net} has them, found {shares}")
    os.replace(partial, out)
    return shares
