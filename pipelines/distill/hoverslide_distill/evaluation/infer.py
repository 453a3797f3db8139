"""A field's maps from a net: 256 px patches every 192 px, of which the middle is kept,
the field mirrored about its border.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from ..models.centre import MARGIN, PATCH, STRIDE, middle
from ..models.unet import HV, NC, NP
from ..training.device import to_input

BATCH = 16

Net = Callable[[np.ndarray], np.ndarray]
"""uint8 patches [n, 256, 256, 3] -> float32 [n, 10, 192, 192] of their middles."""


def torch_net(model: torch.nn.Module, device: torch.device) -> Net:
    """The model in float32, so that measures speak of what is shipped."""

    def run(patches: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return middle(model(to_input(torch.from_numpy(patches), device)), STRIDE).float().cpu().numpy()

    return run


def onnx_net(path: Path) -> Net:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    # Files of other hands, and our older ones, give the logits of the whole patch.
    return lambda patches: middle(session.run(["logits"], {"image": patches})[0], STRIDE)


def infer_field(net: Net, image: np.ndarray) -> np.ndarray:
    """The ten channels of a whole field: uint8 [h, w, 3] -> float32 [10, h, w]."""
    height, width = image.shape[:2]
    rows, columns = (-(-side // STRIDE) for side in (height, width))
    beyond = [(MARGIN, n * STRIDE - side + MARGIN) for n, side in ((rows, height), (columns, width))]
    padded = np.pad(image, (*beyond, (0, 0)), "reflect")
    corners = [(r * STRIDE, c * STRIDE) for r in range(rows) for c in range(columns)]
    output = np.empty((10, rows * STRIDE, columns * STRIDE), np.float32)
    for start in range(0, len(corners), BATCH):
        batch = corners[start : start + BATCH]
        maps = net(np.stack([padded[y : y + PATCH, x : x + PATCH] for y, x in batch]))
        for (y, x), out in zip(batch, maps, strict=True):
            output[:, y : y + STRIDE, x : x + STRIDE] = out
    return output[:, :height, :width]


def probabilities(output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """np, h, v float32 and the argmax class uint8, all [h, w], of the ten channels."""
    background, nucleus = output[NP]
    with np.errstate(over="ignore"):
        np_map = 1 / (1 + np.exp(background - nucleus))
    h, v = output[HV]
    return np_map.astype(np.float32), h, v, output[NC].argmax(0).astype(np.uint8)


def pack(output: np.ndarray) -> np.ndarray:
    """The ten channels as the product keeps them: uint8 [h, w, 4], np = floor(256 p),
    h and v = round(100 x) + 128, class.
    """
    np_map, h, v, classes = probabilities(output)
    np_byte = np.minimum(np.floor(256 * np_map), 255)
    distances = [np.clip(np.rint(100 * x) + 128, 0, 255) for x in (h, v)]
    return np.stack([np_byte, *distances, classes], -1).astype(np.uint8)
