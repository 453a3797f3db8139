"""Weights from files: our own checkpoints; of students segmentation_models_pytorch's names and the starting net's short
names; of HoVer-Nets hover_net's.
"""

import pickle
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..errors import DistillError
from .efficientnet_lite import LITES
from .hovernet import MODES, HoverNet
from .hovernet_names import UNUSED, hovernet_name
from .mix_transformer import SIZES
from .unet import HEAD_CHANNELS, Student

SHORT_NAMES = [
    (r"^e\.pe\.(\d)\.0\.", lambda m: f"encoder.patch_embed{int(m[1]) + 1}.proj."),
    (r"^e\.pe\.(\d)\.1\.", lambda m: f"encoder.patch_embed{int(m[1]) + 1}.norm."),
    (r"^e\.st\.(\d)\.", lambda m: f"encoder.block{int(m[1]) + 1}."),
    (r"^e\.ns\.(\d)\.", lambda m: f"encoder.norm{int(m[1]) + 1}."),
    (r"^d\.(\d)\.(\d)\.", lambda m: f"decoder.blocks.{m[1]}.conv{int(m[2]) + 1}."),
    (r"^h\.", lambda m: "segmentation_head.0."),
    (r"\.n([12])\.", lambda m: f".norm{m[1]}."),
    (r"\.a\.p\.", lambda m: ".attn.proj."),
    (r"\.a\.srk\.", lambda m: ".attn.sr."),
    (r"\.a\.n\.", lambda m: ".attn.norm."),
    (r"\.a\.(q|kv)\.", lambda m: f".attn.{m[1]}."),
    (r"\.(f[12])\.", lambda m: f".mlp.fc{m[1][1]}."),
    (r"\.dw\.dw\.", lambda m: ".mlp.dwconv.dwconv."),
]
# What wrappers put before a name: DataParallel, Lightning, torch.compile.
PREFIXES = ("module.", "model.", "net.", "_orig_mod.")


STATE_KEYS = ("ema", "model", "model_state_dict", "state_dict", "desc")  # the last is hover_net's


@dataclass(frozen=True)
class Checkpoint:
    """about: what `import` wrote of a net that others trained (`steps.about`); None for our own."""

    state: dict[str, Tensor]
    about: dict | None


def canonical_name(name: str) -> str:
    stripped = True
    while stripped:
        stripped = next((p for p in PREFIXES if name.startswith(p)), None)
        name = name.removeprefix(stripped or "")
    if re.match(r"^(e\.(pe|st|ns)|d\.\d|h)\.", name):
        for pattern, name_of in SHORT_NAMES:
            name = re.sub(pattern, name_of, name)
    return name


def find_state_dict(content: object) -> Mapping[str, Tensor]:
    """The state dict in what torch.load gave: itself, or under one of the usual keys."""
    if isinstance(content, Mapping):
        for key in STATE_KEYS:
            if isinstance(content.get(key), Mapping):
                return content[key]
        if content and all(isinstance(value, Tensor) for value in content.values()):
            return content
    raise DistillError(f"expected a state dict of tensors, bare or under one of {', '.join(STATE_KEYS)}")


def encoder_of(state: Mapping[str, Tensor]) -> str:
    """Which encoder a state dict is of: the Lites by their stem and number of blocks, B0 to B3 by widths and depths."""
    if "encoder.stem.conv.weight" in state:
        count = len({name.split(".")[2] for name in state if name.startswith("encoder.blocks.")})
        for name, scaling in LITES.items():
            if sum(stage[0] for stage in scaling.stages()) == count:
                return name
        raise DistillError(f"no EfficientNet-Lite encoder has {count} blocks: expected one of {', '.join(LITES)}")
    widths = tuple(state[f"encoder.norm{i}.weight"].shape[0] for i in range(1, 5))
    blocks = [{name.split(".")[2] for name in state if name.startswith(f"encoder.block{i}.")} for i in range(1, 5)]
    depths = tuple(map(len, blocks))
    for name, size in SIZES.items():
        if (size.widths, size.depths) == (widths, depths):
            return name
    raise DistillError(f"no MiT encoder has widths {widths} and depths {depths}: expected one of {', '.join(SIZES)}")


def read_checkpoint(path: Path) -> Checkpoint:
    """The averaged weights in a checkpoint file, under canonical names; DistillError where it is none."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        state = {canonical_name(name): value for name, value in find_state_dict(content).items()}
    except (DistillError, OSError, RuntimeError, pickle.UnpicklingError, EOFError) as error:
        raise DistillError(f"{path}: {error}") from error
    return Checkpoint(state, content.get("about"))


def read_state(path: Path) -> dict[str, Tensor]:
    return read_checkpoint(path).state


def load_student(path: Path, encoder: str | None = None) -> Student:
    """The student in a checkpoint file, in float32 and in evaluation mode;
    DistillError where the file holds no such net.
    """
    state = read_state(path)
    try:
        head = state.get("segmentation_head.0.weight")
        if head is None or head.shape[0] != HEAD_CHANNELS:
            raise DistillError(f"expected a U-Net with a head of {HEAD_CHANNELS} channels")
        found = encoder_of(state)
        if encoder and found != encoder:
            raise DistillError(f"expected a net with encoder {encoder}, found {found}")
        student = Student(found)
        student.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    except (DistillError, KeyError, RuntimeError) as error:
        raise DistillError(f"{path}: {error}") from error
    return student.eval()


def holds_teacher(path: Path) -> bool:
    return "stem.0.weight" in read_state(path)


def holds_hover_net(state: Mapping[str, Tensor]) -> bool:
    """Whether names are those of hover_net's own code."""
    return "conv0./.weight" in state


def from_hover_net(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """hover_net's tensors under our names; DistillError naming one that has none."""
    ours = {hovernet_name(name): value for name, value in state.items() if name != UNUSED}
    if None in ours:
        wrong = next(name for name in state if name != UNUSED and hovernet_name(name) is None)
        raise DistillError(f"expected the tensors of a HoVer-Net, found '{wrong}' too")
    return ours


def hovernet_of(state: Mapping[str, Tensor]) -> HoverNet:
    """The HoVer-Net that a state dict is of, its mode told by the decoder's kernels, in evaluation mode. Files that
    come from TensorFlow lack the counts of batches.
    """
    first, types = state.get("branches.0.up3.0.weight"), state.get("branches.2.head.2.weight")
    kernel = None if first is None else first.shape[-1]
    mode = next((name for name, mode in MODES.items() if mode.kernel == kernel), None)
    if mode is None:
        raise DistillError("expected a HoVer-Net whose decoder has kernels of 3 or 5")
    with torch.device("meta"):  # no time for weights that are then replaced
        model = HoverNet(mode, 0 if types is None else types.shape[0])
    counts = {name: torch.tensor(0) for name in model.state_dict() if name.endswith("num_batches_tracked")}
    floats = {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
    model.load_state_dict(counts | floats, assign=True)
    return model.requires_grad_().eval()


def load_teacher(path: Path) -> HoverNet:
    """The teacher in a checkpoint file, in evaluation mode; DistillError where the file holds no such net."""
    state = read_state(path)
    if holds_hover_net(state):
        raise DistillError(f"{path}: a file of hover_net's own: `import` makes one of ours of it")
    try:
        return hovernet_of(state)
    except (DistillError, RuntimeError) as error:
        raise DistillError(f"{path}: expected a HoVer-Net as `teacher` trains it: {error}") from error
