"""Makes stub.onnx, a net that reads its answer from the picture: `python stub_model.py` (needs the package onnx).

Tests paint maps into slides that are written without loss, and the product finds exactly what was painted:
    np = 255 - R, so that dark red is nucleus (R <= 127) and white is not;
    h = G and v = B, both packed: 128 is 0, 228 is 1;
    class = bits 4 to 6 of np, at most 5: np 128..143 is class 0, 144..159 class 1, ... 208..255 class 5.
The bands keep the class through resampling. The card's constants put a flat h or v at 0.75 of their range: what is
painted flat is one nucleus, and only a steep fall of h along x, or of v along y, is a ridge between two.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PATCH, STRIDE = 256, 192
MARGIN = (PATCH - STRIDE) // 2
NAMES = ("unclassified", "neoplastic", "inflammatory", "connective", "dead", "epithelial")
COLORS = ([128, 128, 128], [255, 0, 0], [34, 221, 77], [35, 92, 236], [254, 255, 0], [255, 159, 68])

CARD = {
    "name": "stub",
    "version": "1",
    "mpp": 0.25,
    "mpp_range": [0.1, 1.0],
    "patch": PATCH,
    "stride": STRIDE,
    "classes": [
        {"id": id, "name": name, "color": color} for id, (name, color) in enumerate(zip(NAMES, COLORS, strict=True))
    ],
    "seamless": {"h": [-3.0e11, 1.0e11], "v": [-3.0e11, 1.0e11]},
    "training": "none: reads np, h, v and class from the colours of the picture",
    "limits": "for tests",
    "licence": "Apache-2.0",
}


def model() -> onnx.ModelProto:
    probability = 255 - np.arange(256)
    constants = {
        "from": np.array([MARGIN, MARGIN]),
        "to": np.array([MARGIN + STRIDE, MARGIN + STRIDE]),
        "axes": np.array([1, 2]),
        "np_of_red": probability.astype(np.uint8),
        "class_of_red": np.minimum((probability >> 4) & 7, len(NAMES) - 1).astype(np.uint8),
    }
    nodes = [
        helper.make_node("Slice", ["image", "from", "to", "axes"], ["kept"]),
        helper.make_node("Split", ["kept"], ["red", "h", "v"], axis=3),
        helper.make_node("Cast", ["red"], ["index"], to=TensorProto.INT32),
        helper.make_node("Gather", ["np_of_red", "index"], ["np"]),
        helper.make_node("Gather", ["class_of_red", "index"], ["class"]),
        helper.make_node("Concat", ["np", "h", "v", "class"], ["maps"], axis=3),
    ]
    graph = helper.make_graph(
        nodes,
        "stub",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", PATCH, PATCH, 3])],
        [helper.make_tensor_value_info("maps", TensorProto.UINT8, ["n", STRIDE, STRIDE, 4])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(made, {"hoverslide.card": json.dumps(CARD)})
    onnx.checker.check_model(made, full_check=True)
    return made


if __name__ == "__main__":
    onnx.save(model(), Path(__file__).with_name("stub.onnx"))
