"""A field's maps from a net: patches of which the middle is kept, the field mirrored about its border."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..data.classes import TABLES, with_first
from ..models.centre import PATCH, STRIDE, middle
from ..models.unet import HV, NP
from ..training.device import autocast, to_input

BATCH_PIXELS = 16 * PATCH**2
OUR_CLASSES = tuple(entry.name for entry in with_first(TABLES["pannuke"]))
"""The classes that labels are brought to: only nets that have these can be measured on them, or teach them."""


@dataclass(frozen=True)
class Net:
    """run: uint8 patches [n, patch, patch, 3] -> float32 [n, 4 + classes, kept, kept] of their middles.
    has_logits: False where a file gives packed maps alone, from which `run` makes what they say.
    """

    run: Callable[[np.ndarray], np.ndarray]
    kept: int = STRIDE
    patch: int = PATCH
    class_names: tuple[str, ...] = OUR_CLASSES
    has_logits: bool = True

    @property
    def knows_our_classes(self) -> bool:
        return self.class_names == OUR_CLASSES


def torch_net(model: torch.nn.Module, device: torch.device, *, kept: int, fast: bool = False, **known) -> Net:
    """The model in float32, so that measures speak of what is shipped; if fast, in bfloat16 where that is safe."""

    def run(patches: np.ndarray) -> np.ndarray:
        with torch.inference_mode(), autocast(device) if fast else nullcontext():
            return middle(model(to_input(torch.from_numpy(patches), device)), kept).float().cpu().numpy()

    return Net(run, kept, **known)


def open_session(path: Path):
    import onnxruntime

    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def onnx_net(path: Path, *, kept: int = STRIDE, class_names: tuple[str, ...] = OUR_CLASSES, **known) -> Net:
    session = open_session(path)
    known |= {"kept": kept, "class_names": class_names}
    if "logits" in {output.name for output in session.get_outputs()}:
        # Files of other hands, and our older ones, give the logits of the whole patch.
        return Net(lambda patches: middle(session.run(["logits"], {"image": patches})[0], kept), **known)
    classes = len(class_names)
    return Net(lambda patches: unpack(session.run(["maps"], {"image": patches})[0], classes), has_logits=False, **known)


def infer_field(net: Net, image: np.ndarray) -> np.ndarray:
    """The channels of a whole field: uint8 [h, w, 3] -> float32 [4 + classes, h, w]."""
    height, width = image.shape[:2]
    kept, side, margin = net.kept, net.patch, (net.patch - net.kept) // 2
    rows, columns = (-(-side // kept) for side in (height, width))
    beyond = [(margin, n * kept - side + margin) for n, side in ((rows, height), (columns, width))]
    padded = np.pad(image, (*beyond, (0, 0)), "reflect")
    corners = [(r * kept, c * kept) for r in range(rows) for c in range(columns)]
    output, count = None, max(1, BATCH_PIXELS // side**2)
    for start in range(0, len(corners), count):
        batch = corners[start : start + count]
        maps = net.run(np.stack([padded[y : y + side, x : x + side] for y, x in batch]))
        if output is None:
            output = np.empty((maps.shape[1], rows * kept, columns * kept), np.float32)
        for (y, x), out in zip(batch, maps, strict=True):
            output[:, y : y + kept, x : x + kept] = out
    return output[:, :height, :width]


def probabilities(output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """np, h, v float32 and the argmax class uint8, all [h, w], of a net's channels; without classes, 1 in the mask."""
    background, nucleus = output[NP]
    with np.errstate(over="ignore"):
        np_map = 1 / (1 + np.exp(background - nucleus))
    h, v = output[HV]
    classes = output[HV.stop :]
    best = classes.argmax(0) if len(classes) else np_map >= 0.5
    return np_map.astype(np.float32), h, v, best.astype(np.uint8)


def pack(output: np.ndarray) -> np.ndarray:
    """A net's channels as the product keeps them: uint8 [h, w, 4]."""
    return pack_maps(*probabilities(output))


def pack_maps(np_map: np.ndarray, h: np.ndarray, v: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Maps of any shape -> uint8 [..., 4]: np = floor(256 p) up to 255, h and v = round(100 x) + 128, class."""
    np_byte = np.minimum(np.floor(256 * np_map), 255)
    distances = [np.clip(np.rint(100 * x) + 128, 0, 255) for x in (h, v)]
    return np.stack([np_byte, *distances, classes], -1).astype(np.uint8)


def unpack(maps: np.ndarray, classes: int) -> np.ndarray:
    """What packed maps uint8 [n, h, w, 4] say, as float32 [n, 4 + classes, h, w] that would be packed to the same."""
    p = (maps[..., 0] + 0.5) / 256
    logits = np.stack([np.zeros_like(p), np.log(p / (1 - p))], 1)
    hv = (maps[..., 1:3].astype(float).transpose(0, 3, 1, 2) - 128) / 100
    one_hot = np.arange(classes)[:, None, None] == maps[:, None, ..., 3]
    return np.concatenate([logits, hv, one_hot], 1).astype(np.float32)
