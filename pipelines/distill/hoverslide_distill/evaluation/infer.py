"""A field's maps from a net: 256 px patches of which the middle is kept, the field mirrored about its border."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..models.centre import PATCH, STRIDE, middle
from ..models.unet import HV, NC, NP
from ..training.device import autocast, to_input

BATCH = 16


@dataclass(frozen=True)
class Net:
    """run: uint8 patches [n, 256, 256, 3] -> float32 [n, 10, kept, kept] of their middles."""

    run: Callable[[np.ndarray], np.ndarray]
    kept: int = STRIDE


def torch_net(model: torch.nn.Module, device: torch.device, kept: int, fast: bool = False) -> Net:
    """The model in float32, so that measures speak of what is shipped; if fast, in bfloat16 where that is safe."""

    def run(patches: np.ndarray) -> np.ndarray:
        with torch.inference_mode(), autocast(device) if fast else nullcontext():
            return middle(model(to_input(torch.from_numpy(patches), device)), kept).float().cpu().numpy()

    return Net(run, kept)


def onnx_net(path: Path) -> Net:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    # Files of other hands, and our older ones, give the logits of the whole patch.
    return Net(lambda patches: middle(session.run(["logits"], {"image": patches})[0], STRIDE))


def infer_field(net: Net, image: np.ndarray) -> np.ndarray:
    """The ten channels of a whole field: uint8 [h, w, 3] -> float32 [10, h, w]."""
    height, width = image.shape[:2]
    kept, margin = net.kept, (PATCH - net.kept) // 2
    rows, columns = (-(-side // kept) for side in (height, width))
    beyond = [(margin, n * kept - side + margin) for n, side in ((rows, height), (columns, width))]
    padded = np.pad(image, (*beyond, (0, 0)), "reflect")
    corners = [(r * kept, c * kept) for r in range(rows) for c in range(columns)]
    output = np.empty((10, rows * kept, columns * kept), np.float32)
    for start in range(0, len(corners), BATCH):
        batch = corners[start : start + BATCH]
        maps = net.run(np.stack([padded[y : y + PATCH, x : x + PATCH] for y, x in batch]))
        for (y, x), out in zip(batch, maps, strict=True):
            output[:, y : y + kept, x : x + kept] = out
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
